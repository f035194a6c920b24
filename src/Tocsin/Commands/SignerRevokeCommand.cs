using System.CommandLine;
using Tocsin.Configuration;
using Tocsin.Evm;
using Tocsin.Signing;
using Tocsin.Texts;

namespace Tocsin.Commands;

/// <summary><c>tocsin signer revoke</c>: typed data for the quorum to sign, and its signatures to the signer.</summary>
internal static class SignerRevokeCommand
{
    private const int MaximumFileBytes = 64 * 1024;

    public static Command Create()
    {
        var wallet = new Argument<string?>("WALLET") { Description = "The wallet that counts no more" };
        wallet.Arity = ArgumentArity.ZeroOrOne;
        var config = new Option<string>("--config") { Description = "The folder of tocsin.yaml", Required = true };
        var reason = new Option<string?>("--reason") { Description = "Why; it is signed and kept" };
        var hours = new Option<int>("--hours")
        {
            Description = "How long signatures may be collected",
            DefaultValueFactory = _ => 24,
        };
        var even = new Option<bool>("--even-if-unfillable")
        {
            Description = "Also where an entry of the policy is left that nobody can approve any more",
        };
        var data = new Option<string?>("--typed-data") { Description = "The file that was signed" };
        var signatures = new Option<string[]>("--signature")
        {
            Description = "0x and 130 digits; one of each who signed",
            AllowMultipleArgumentsPerToken = true,
        };
        var command = new Command(
            "revoke",
            "Print what the policy's quorum signs to revoke a WALLET; with --typed-data and --signature, hand it in. "
            + "1: the signer refused")
        {
            wallet, config, reason, hours, even, data, signatures,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var signer = TocsinConfiguration.Load(parsed.GetValue(config)!).Signer
                ?? throw new InputException("the configuration has no 'signer'");
            if (parsed.GetValue(data) is { } file)
                return await HandInAsync(signer, file, parsed.GetValue(signatures) ?? [], cancellationToken);
            Print(
                signer,
                parsed.GetValue(wallet),
                parsed.GetValue(reason),
                parsed.GetValue(hours),
                parsed.GetValue(even));
            return ExitCode.Done;
        });
        return command;
    }

    private static void Print(SignerSettings signer, string? wallet, string? reason, int hours, bool even)
    {
        if (wallet is null || string.IsNullOrWhiteSpace(reason))
            throw new InputException("give a WALLET and --reason, or --typed-data and --signature");
        if (!ChecksumAddress.TryParse(wallet, out var address))
            throw new InputException($"'{wallet}' is not an address with a right checksum");
        if (hours is < 1 or > 24 * 30)
            throw new InputException("--hours takes a number from 1 to 720");
        var expires = DateTimeOffset.UtcNow.AddHours(hours);
        Console.Out.WriteLine(RevocationTypedData.Of(
            signer.Account, new RevokeRequest(address, reason.Trim(), even, expires, [])).ToJson());
        Console.Error.WriteLine(
            $"to be signed by the quorum under 'revocation' of the signer's policy, before {expires:yyyy-MM-dd HH:mm} "
            + "UTC; keep it as a file, then hand it in with --typed-data FILE --signature 0x…");
    }

    private static async Task<int> HandInAsync(
        SignerSettings signer, string file, string[] signatures, CancellationToken cancellationToken)
    {
        if (RevocationTypedData.Read(PlainFile.Read(file, MaximumFileBytes), signer.Account) is not { } asked)
            throw new InputException(
                $"{file} is no revocation for the signer {ChecksumAddress.Format(signer.Account)}");
        try
        {
            var request = new SignerRequest { Revoke = asked with { Signatures = signatures.ToValueList() } };
            var answer = await new SignerClient(signer.Socket).AskAsync(request, cancellationToken);
            if (answer.Revoked is { } revoked)
            {
                Console.Out.WriteLine(
                    $"{ChecksumAddress.Format(revoked.Wallet)} fills no place any more, since {revoked.At:O}");
                return ExitCode.Done;
            }
            Console.Error.WriteLine($"refused: {answer.Refused?.Reason ?? "the signer gave no answer"}");
            return ExitCode.FoundWrong;
        }
        catch (SignerUnreachableException e)
        {
            throw new InputException(e.Message, e);
        }
    }
}
