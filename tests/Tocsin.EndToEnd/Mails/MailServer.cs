using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Tocsin.EndToEnd.Mails;

/// <summary>
/// Exim, the mail server that Debian installs by default, with STARTTLS and a password: it keeps what it takes in a
/// file. It gives up root by itself where its configuration is not the system's.
/// </summary>
internal sealed class MailServer : IAsyncDisposable
{
    public const string User = "tocsin";
    public const string Password = "secret-of-mail";

    private const string Signs = User + ":" + Password;
    private const string Program = "/usr/sbin/exim4";
    private const string ServerUser = "Debian-exim";

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("tocsin-mail-");
    private Process? process;

    public int Port { get; } = FreePort();

    /// <summary>Of the server's own certificate, which nobody else vouches for.</summary>
    public string Authority => Path.Combine(folder.FullName, "certificate.pem");

    private string Kept => Path.Combine(folder.FullName, "kept");

    public static async Task<MailServer> StartAsync(CancellationToken ct)
    {
        Assert.SkipUnless(File.Exists(Program), "no mail server is installed: apt-get install exim4-daemon-light");
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root can start this mail server");
        var server = new MailServer();
        server.WriteCertificate();
        await File.WriteAllTextAsync(server.ConfigurationPath, server.Configuration(), ct);
        await RunAsync("chown", ct, "-R", ServerUser, server.folder.FullName);
        // The folder of the configuration must be root's, else it is not read.
        await RunAsync("chown", ct, "root", server.ConfigurationPath);
        server.process = Process.Start(new ProcessStartInfo(Program, ["-bdf", "-C", server.ConfigurationPath])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        });
        await server.UntilListeningAsync(ct);
        return server;
    }

    /// <summary>Everything that was delivered, one after the other, once there are so many.</summary>
    public async Task<IReadOnlyList<string>> KeptAsync(int count, CancellationToken ct)
    {
        while (true)
        {
            var text = File.Exists(Kept) ? await File.ReadAllTextAsync(Kept, ct) : "";
            // Each begins with an envelope's line, as mailboxes have it.
            var mails = text.Split("\nFrom ", StringSplitOptions.RemoveEmptyEntries)
                .Where(mail => mail.TrimEnd().Length > 0).ToList();
            if (mails.Count >= count && text.EndsWith("\n\n", StringComparison.Ordinal))
                return mails;
            await Task.Delay(20, ct);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (process is not null)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
            process.Dispose();
        }
        folder.Delete(recursive: true);
    }

    private string ConfigurationPath => Path.Combine(folder.FullName, "configuration");

    private void WriteCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var now = DateTimeOffset.UtcNow;
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        File.WriteAllText(Authority, certificate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(folder.FullName, "key.pem"), key.ExportPkcs8PrivateKeyPem());
    }

    private string Configuration() => $$$"""
        primary_hostname = localhost
        local_interfaces = 127.0.0.1
        daemon_smtp_ports = {{{Port}}}
        spool_directory = {{{folder.FullName}}}/spool
        log_file_path = {{{folder.FullName}}}/log-%s
        pid_file_path = {{{folder.FullName}}}/pid
        tls_advertise_hosts = *
        tls_certificate = {{{Authority}}}
        tls_privatekey = {{{folder.FullName}}}/key.pem
        auth_advertise_hosts = ${if eq{$tls_in_cipher}{}{}{*}}
        host_lookup =
        acl_smtp_rcpt = recipient
        begin acl
        recipient:
          deny domains = refused.example
          accept authenticated = *
          deny message = sign in first
        begin routers
        keep:
          driver = accept
          transport = keep
        begin transports
        keep:
          driver = appendfile
          file = {{{Kept}}}
          user = {{{ServerUser}}}
        begin authenticators
        plain:
          driver = plaintext
          public_name = PLAIN
          server_prompts = :
          server_condition = ${if eq{$auth2:$auth3}{{{{Signs}}}}}
        """;

    private async Task UntilListeningAsync(CancellationToken ct)
    {
        while (true)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, Port, ct);
                return;
            }
            catch (SocketException)
            {
                Assert.False(process!.HasExited, "the mail server ended at once");
                await Task.Delay(20, ct);
            }
        }
    }

    private static async Task RunAsync(string program, CancellationToken ct, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        await process.WaitForExitAsync(ct);
        Assert.Equal(0, process.ExitCode);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
