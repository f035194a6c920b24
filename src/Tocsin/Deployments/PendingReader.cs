using Tocsin.Chain;
using Tocsin.Chains;
using Tocsin.Evm;

namespace Tocsin.Deployments;

/// <summary>What was announced and is not done: migrations, and settings that wait to be loosened.</summary>
internal sealed class PendingReader(ContractReads reads, DeploymentFile file, ulong at)
{
    private const ulong BlocksAtOnce = 10_000;
    private const int MostQuestions = 300;

    private static readonly Hash32 PegKey = new([.. "peg"u8, .. new byte[29]]);

    /// <summary>Migrations that can still be carried out. Announcements are found by their logs, newest blocks first.
    /// </summary>
    public async Task<(ValueList<PendingMigration> Found, string? Unread)> MigrationsAsync()
    {
        var found = new List<PendingMigration>();
        var to = reads.Block;
        for (var question = 0; question < MostQuestions; question++)
        {
            var isLong = to > file.DeployedAt && to - file.DeployedAt >= BlocksAtOnce;
            var from = isLong ? to - BlocksAtOnce + 1 : file.DeployedAt;
            try
            {
                foreach (var log in await reads.LogsAsync(
                             Math.Min(from, to), to, file.Migrations, BrakeFunctions.MigrationAnnounced))
                    await AddAsync(found, log.Log);
            }
            catch (NodeException e) when (e.Fault is NodeFault.Refused or NodeFault.TooLarge)
            {
                return (found.ToValueList(), $"announcements up to block {to}: {e.Message}");
            }
            if (from <= file.DeployedAt)
                return (found.ToValueList(), null);
            to = from - 1;
        }
        return (found.ToValueList(), $"announcements up to block {to}: that is too many blocks; give 'deployedAt'");
    }

    public async Task<ValueList<PendingLoosening>> LooseningsAsync()
    {
        var found = new List<PendingLoosening>();
        foreach (var holder in file.Holders)
        {
            foreach (var asset in holder.Assets)
            {
                var key = Keccak256.Hash([.. Padded(holder.Address), .. Padded(asset.Address)]);
                await AddAsync(found, file.Limits, key, $"the limit of {asset.Address} of {holder.Name}");
                await AddAsync(found, file.Queue, key, $"the queue of {asset.Address} of {holder.Name}");
            }
        }
        if (file.Peg is { } peg)
            await AddAsync(found, peg, PegKey, "the peg");
        return found.ToValueList();
    }

    private async Task AddAsync(List<PendingLoosening> found, Address hub, Hash32 key, string what)
    {
        if (await reads.AskAsync(hub, BrakeFunctions.LooseningOf, key) is not { } scheduled)
            return;
        var (dueAt, expiresAt) = (((UInt256)scheduled[1]).ToUInt64(), ((UInt256)scheduled[2]).ToUInt64());
        if (dueAt != 0 && at <= expiresAt)
            found.Add(new PendingLoosening(what, dueAt, expiresAt));
    }

    private async Task AddAsync(List<PendingMigration> found, Evm.Blocks.Log log)
    {
        if (!BrakeFunctions.MigrationAnnounced.TryDecode(log, out var announced))
            return;
        var migration = new PendingMigration(
            (Address)announced["by"], (Address)announced["holder"], (Address)announced["asset"],
            (Address)announced["to"], (UInt256)announced["amount"], ((UInt256)announced["dueAt"]).ToUInt64(),
            ((UInt256)announced["expiresAt"]).ToUInt64());
        var key = Keccak256.Hash(
        [
            .. Padded(migration.Holder), .. Padded(migration.Asset), .. Padded(migration.To),
            .. migration.Amount.ToArray(),
        ]);
        if (at > migration.ExpiresAt || found.Contains(migration))
            return;
        // Carried out, cancelled, or announced anew since.
        if (await reads.NumberAsync(file.Migrations, BrakeFunctions.AnnouncedAs, key) == migration.DueAt)
            found.Add(migration);
    }

    private static byte[] Padded(Address address) => [.. new byte[12], .. address.ToArray()];
}
