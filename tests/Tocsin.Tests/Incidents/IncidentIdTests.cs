using Tocsin.Incidents;

namespace Tocsin.Tests.Incidents;

public sealed class IncidentIdTests
{
    [Theory]
    [InlineData("INC-1", 1)]
    [InlineData("INC-2147483647", int.MaxValue)]
    public void A_name_is_read_back(string text, int number)
    {
        Assert.True(IncidentId.TryParse(text, out var id));
        Assert.Equal(new IncidentId(number), id);
        Assert.Equal(text, id.ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("INC-")]
    [InlineData("INC-0")]
    [InlineData("INC--1")]
    [InlineData("INC-+1")]
    [InlineData("INC- 1")]
    [InlineData("INC-1 ")]
    [InlineData("INC-01")]
    [InlineData("inc-1")]
    [InlineData("INC-2147483648")]
    public void Only_the_one_spelling_is_a_name(string? text) => Assert.False(IncidentId.TryParse(text, out _));
}
