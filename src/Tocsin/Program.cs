using System.CommandLine;
using Tocsin.Commands;

return await Tocsin.Commands.CommandLine.RunAsync(
    args,
    new RootCommand("Tocsin: incident response for DeFi and stablecoin protocols.")
    {
        CommandLine.Demo(),
        CommandLine.Init(),
        CommandLine.Serve(),
        CommandLine.Signer(),
        CommandLine.Contain(),
        CommandLine.Incident(),
        AuthoriseCommand.Create(),
        CommandLine.Plan(),
        ChannelCommand.Create(),
        CommandLine.Node(),
        CommandLine.Contracts(),
        CommandLine.Audit(),
        BackupCommand.Create(),
        RestoreCommand.Create(),
        PersonCommand.Create(),
        OperationCommand.Create(),
        SilenceCommand.Create(),
        CommandLine.Replay(),
        CommandLine.Record(),
        CommandLine.Evaluate(),
        CommandLine.Detectors(),
        CommandLine.Adapters(),
    });
