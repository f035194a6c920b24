using Tocsin.Adapters;
using Tocsin.Chain;
using Tocsin.Chains;
using Tocsin.Evm.Abi;

namespace Tocsin.EndToEnd.Adapters;

/// <summary>An adapter that is used on a real chain, by nothing but what its data says.</summary>
/// <param name="given">What its names stand for.</param>
internal sealed class Trial(AdapterChain chain, string name, Dictionary<string, object> given)
{
    private readonly Adapter adapter = AdapterCatalog.Named(name)!;

    /// <summary>The same with another value.</summary>
    public Trial With(string value, object standsFor) =>
        new(chain, name, new Dictionary<string, object>(given) { [value] = standsFor });

    public Task MayAsync(string action, Address account) => HoldAsync(Of(action).RoleProbe, account);

    public Task MayNotAsync(string action, Address account) => FailAsync(Of(action).RoleProbe, account);

    public Task IsReadyAsync(string action, Address account) => HoldAsync(adapter.ReadyFor(Of(action)), account);

    public Task IsNotReadyAsync(string action, Address account) => FailAsync(adapter.ReadyFor(Of(action)), account);

    public Task WasDoneAsync(string action) => HoldAsync(Of(action).Verify, null);

    public Task WasNotDoneAsync(string action) => FailAsync(Of(action).Verify, null);

    /// <returns>False where it reverts.</returns>
    public Task<bool> ActAsync(string action, Address account)
    {
        var call = Of(action).Call;
        return chain.TryAsync(account, (Address)given[call.On], call.Encode(given));
    }

    private AdapterAction Of(string action) => adapter.Actions.Single(one => one.Name == action);

    private async Task HoldAsync(IEnumerable<AdapterCheck> checks, Address? account) =>
        Assert.Empty(await FailuresAsync(checks, account));

    private async Task FailAsync(IEnumerable<AdapterCheck> checks, Address? account) =>
        Assert.NotEmpty(await FailuresAsync(checks, account));

    private async Task<List<string>> FailuresAsync(IEnumerable<AdapterCheck> checks, Address? account)
    {
        var known = new Dictionary<string, object>(given) { [Adapter.Now] = (UInt256)await chain.NowAsync() };
        if (account is { } who)
            known[Adapter.Account] = who;
        var failures = new List<string>();
        foreach (var check in checks)
        {
            try
            {
                var answer = await chain.ReadAsync((Address)known[check.Read.On], check.Read.Encode(known));
                failures.AddRange(check.Judge(answer, known));
            }
            catch (Exception e) when (e is AbiException or NodeException { IsRevert: true })
            {
                failures.Add($"{check.Read}: {e.Message}");
            }
        }
        return failures;
    }
}
