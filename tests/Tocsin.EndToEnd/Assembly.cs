// Every test here runs whole installations with chains of their own; two at once would only slow each other down.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
[assembly: Tocsin.EndToEnd.Parts.Bounded]
[assembly: AssemblyFixture(typeof(Tocsin.EndToEnd.Parts.Leftovers))]
