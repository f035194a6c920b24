using System.Text;
using System.Text.Json;
using Tocsin.Audit;
using Tocsin.Chains;
using Tocsin.Evm;
using Tocsin.Recording;
using Tocsin.Signing;

namespace Tocsin.EndToEnd.Stolen;

/// <summary>Requests without end, made by changing and crossing known ones; the seed is all of it.</summary>
internal sealed class Walk(StolenInstallation stolen, int seed)
{
    private const ulong Gwei = 1_000_000_000;

    private readonly Random random = new(seed);
    private readonly IReadOnlyList<Consent> consents = [.. stolen.Consents.All];

    public async Task StepAsync(int step)
    {
        var what = $"step {step}";
        switch (random.Next(100))
        {
            case < 50:
                await stolen.SignAsync(what, Changed());
                break;
            case < 65:
                await stolen.SignAsync(what, Crossed());
                break;
            case < 78:
                await stolen.AskAsync(what, new SignerRequest(Replace: new ReplaceRequest(
                    Any().Decision.Id, random.Next(-1, 3), Fee(), Fee())));
                break;
            case < 90:
                await stolen.AskAsync(what, Other());
                break;
            default:
                var text = Broken(JsonSerializer.Serialize(
                    random.Next(2) == 0 ? new SignerRequest(Sign: Changed()) : Other(), EventJson.Options));
                await stolen.SendAsync(what, text + "\n", Read(text));
                break;
        }
    }

    private Consent Any() => consents[random.Next(consents.Count)];

    private SignRequest Changed()
    {
        var consent = Any();
        var request = Mutations.Honest(consent, random.Next(consent.Decision.Calls.Count));
        for (var change = random.Next(4); change > 0; change--)
        {
            // From here on there is nothing left to change, or to sign.
            if (request.Decision.Calls.Count == 0 || request.Approvals.Count == 0 || request.Approvals[0].Length < 41
                || request.Decision.ExpiresAt.Year is < 1971 or > 9000)
                break;
            var mutations = stolen.Mutations.Some(request, random.Next(4));
            request = mutations[random.Next(mutations.Count)].Request;
        }
        return request;
    }

    private SignRequest Crossed()
    {
        var (a, b, c) = (Any(), Any(), Any());
        var decision = a.Decision with
        {
            Id = random.Next(2) == 0 ? a.Decision.Id : b.Decision.Id,
            Calls = random.Next(3) == 0 ? [.. a.Decision.Calls, .. b.Decision.Calls] : a.Decision.Calls,
            ExpiresAt = random.Next(3) == 0 ? c.Decision.ExpiresAt : a.Decision.ExpiresAt,
        };
        return new SignRequest(
            decision, random.Next(4) == 0 ? b.Action : a.Action, [.. a.Approvals, .. b.Approvals, .. c.Approvals],
            random.Next(3), 200_000 + (ulong)random.Next(400_000), Fee(), Fee());
    }

    private SignerRequest Other() => random.Next(6) switch
    {
        0 => new SignerRequest(Use: new UseRequest(Any().Decision.PlanHash, Any().Action)),
        1 => new SignerRequest(Status: new StatusRequest(new ChainId((ulong)random.Next(3)))),
        2 => new SignerRequest(Beat: new BeatRequest(
            new ChainId(random.Next(4) == 0 ? 1 : stolen.Policy.Chain),
            random.Next(4) == 0 ? stolen.Thief.Address : stolen.Policy.Brake, (ulong)random.Next(3), Fee(), Fee())),
        3 => new SignerRequest(Revoke: new RevokeRequest(
            random.Next(2) == 0 ? Demo.Officers.Chief.Address : Demo.Officers.Security.Address, "he is a thief",
            random.Next(2) == 0, DateTimeOffset.UtcNow.AddHours(1), Any().Approvals)),
        _ => new SignerRequest(Head: new HeadRequest(
            new LogHead(random.Next(-1, 60), Keccak256.Hash($"{random.Next(2)}")))),
    };

    private UInt256 Fee() => random.Next(6) switch
    {
        0 => UInt256.Zero,
        1 => (ulong)random.Next(20),
        2 => StolenInstallation.Ceiling(stolen.Policy),
        3 => StolenInstallation.Ceiling(stolen.Policy) + UInt256.One,
        _ => (ulong)random.Next(1, 120) * Gwei,
    };

    private string Broken(string text)
    {
        var broken = new StringBuilder(text);
        for (var blow = random.Next(1, 4); blow > 0; blow--)
        {
            var at = random.Next(broken.Length);
            switch (random.Next(4))
            {
                case 0:
                    broken[at] = (char)random.Next(' ', 127);
                    break;
                case 1:
                    broken.Remove(at, 1);
                    break;
                case 2:
                    broken.Insert(at, text.AsSpan(random.Next(text.Length)));
                    break;
                default:
                    broken.Insert(at, "\"\\u0000,{}[]null-1"[random.Next(18)]);
                    break;
            }
        }
        return broken.ToString().ReplaceLineEndings("");
    }

    private static SignerRequest? Read(string text)
    {
        try
        {
            return JsonSerializer.Deserialize<SignerRequest>(text, EventJson.Options);
        }
        catch (Exception e) when (
            e is JsonException or FormatException or ArgumentException or OverflowException or NullReferenceException)
        {
            return null;
        }
    }
}
