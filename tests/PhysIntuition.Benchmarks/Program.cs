using System.CommandLine;
using PhysIntuition.Benchmarks;
using PhysIntuition.Benchmarks.Clients;
using PhysIntuition.Benchmarks.Leaks;
using PhysIntuition.Benchmarks.Server;
using PhysIntuition.Benchmarks.Simulation;

// One line per area; the order here is the order that help shows.
IArea[] areas =
[
    new SimulationArea(),
    new DisagreementsArea(),
    new CallsArea(),
    new RenderingArea(),
    new EnvironmentsArea(),
    new ServerArea(),
    new StartArea(),
    new LoadArea(),
    new LeaderboardArea(),
    new LeaksArea(),
    new ClientsArea(),
    new EmbeddedArea(),
    new PathsArea(),
    new ReplicasArea(),
    new ClusterArea(),
    new JobsArea(),
    new VlmArea(),
    new HostArea(),
    new EvalArea(),
    new HouseArea(),
];

var root = new RootCommand("Measures PhysIntuition against named rivals and its own scalar twins.");
foreach (var area in areas)
{
    root.Subcommands.Add(Bench.CommandOf(area));
}

return await Bench.RunAsync(root, args);
