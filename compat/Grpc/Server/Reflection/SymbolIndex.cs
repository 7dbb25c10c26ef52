using Google.Protobuf.Reflection;

namespace Grpc.Reflection.Internal;

/// <summary>Finds .proto files by name, by the symbols they declare and by the extensions they declare.</summary>
internal sealed class SymbolIndex
{
    private readonly Dictionary<string, FileDescriptor> _files = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FileDescriptor> _symbols = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Type, int Number), FileDescriptor> _extensions = [];

    internal SymbolIndex(IEnumerable<ServiceDescriptor> services)
    {
        foreach (var service in services.DistinctBy(service => service.FullName))
        {
            Services.Add(service.FullName);
            Add(service.File);
        }

        Services.Sort(StringComparer.Ordinal);
    }

    internal List<string> Services { get; } = [];

    internal FileDescriptor? FileOfName(string name) => _files.GetValueOrDefault(name);

    internal FileDescriptor? FileOfSymbol(string symbol) => _symbols.GetValueOrDefault(symbol);

    internal FileDescriptor? FileOfExtension(string type, int number) => _extensions.GetValueOrDefault((type, number));

    internal bool IsMessage(string name) =>
        _symbols.TryGetValue(name, out var file) && Messages(file).Any(message => message.FullName == name);

    internal IEnumerable<int> ExtensionsOf(string type) =>
        _extensions.Keys.Where(key => key.Type == type).Select(key => key.Number).Order();

    /// <summary>A file and everything it imports, imports first.</summary>
    internal static IReadOnlyList<FileDescriptor> WithImports(FileDescriptor file)
    {
        var found = new List<FileDescriptor>();
        Collect(file, found);
        return found;
    }

    private static void Collect(FileDescriptor file, List<FileDescriptor> found)
    {
        if (found.Exists(known => known.Name == file.Name))
        {
            return;
        }

        foreach (var import in file.Dependencies)
        {
            Collect(import, found);
        }

        found.Add(file);
    }

    private static IEnumerable<MessageDescriptor> Messages(FileDescriptor file) =>
        file.MessageTypes.SelectMany(WithNested);

    private static IEnumerable<MessageDescriptor> WithNested(MessageDescriptor message) =>
        message.NestedTypes.SelectMany(WithNested).Prepend(message);

    private void Add(FileDescriptor file)
    {
        if (!_files.TryAdd(file.Name, file))
        {
            return;
        }

        foreach (var symbol in SymbolsOf(file))
        {
            _symbols[symbol.FullName] = file;
        }

        foreach (var extension in ExtensionsIn(file))
        {
            _extensions[(extension.ExtendeeType.FullName, extension.FieldNumber)] = file;
        }

        foreach (var import in file.Dependencies)
        {
            Add(import);
        }
    }

    private static IEnumerable<IDescriptor> SymbolsOf(FileDescriptor file)
    {
        var services = file.Services.SelectMany(service => service.Methods.Prepend<IDescriptor>(service));
        var messages = Messages(file).SelectMany(message => message.Fields.InDeclarationOrder()
            .Concat<IDescriptor>(message.EnumTypes.SelectMany(WithValues))
            .Concat(message.Oneofs)
            .Prepend(message));
        return services
            .Concat(messages)
            .Concat(file.EnumTypes.SelectMany(WithValues))
            .Concat(ExtensionsIn(file));
    }

    private static IEnumerable<IDescriptor> WithValues(EnumDescriptor type) => type.Values.Prepend<IDescriptor>(type);

    private static IEnumerable<FieldDescriptor> ExtensionsIn(FileDescriptor file) => file.Extensions.UnorderedExtensions
        .Concat(Messages(file).SelectMany(message => message.Extensions.UnorderedExtensions));
}
