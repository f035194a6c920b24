// Every class has chains and installations of its own, and they mostly wait for the next block: two at a time.
[assembly: CollectionBehavior(MaxParallelThreads = 2)]
[assembly: Tocsin.EndToEnd.Parts.Bounded]
[assembly: AssemblyFixture(typeof(Tocsin.EndToEnd.Parts.Leftovers))]
