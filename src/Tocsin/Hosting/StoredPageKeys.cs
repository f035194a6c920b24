using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.Extensions.Options;
using Tocsin.Storage;

namespace Tocsin.Hosting;

/// <summary>Keeps the keys of the pages' forms in the store, so that a form outlives a restart.</summary>
internal sealed class StoredPageKeys(EventStore store) : IConfigureOptions<KeyManagementOptions>, IXmlRepository
{
    private const string Name = "page-keys";

    public void Configure(KeyManagementOptions options) => options.XmlRepository = this;

    public IReadOnlyCollection<XElement> GetAllElements() =>
        store.ReadCheckpoint(Name) is { } xml ? [.. XElement.Parse(xml).Elements()] : [];

    public void StoreElement(XElement element, string friendlyName) =>
        store.Commit(new Batch
        {
            Checkpoint = new Checkpoint(Name, new XElement("keys", GetAllElements(), element).ToString()),
        });
}
