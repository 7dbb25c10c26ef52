using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace TorchSharp;

/// <summary>The managed half of a graph node. The native half holds it by a GC handle and releases it.</summary>
internal sealed unsafe class FunctionNode(
    string name,
    torch.autograd.AutogradContext context,
    bool[] isTensor,
    Func<torch.autograd.AutogradContext, List<torch.Tensor>, List<torch.Tensor>> backward)
{
    [ThreadStatic]
    private static nint t_errorText;

    internal List<torch.Tensor> Attach(torch.Tensor[] inputs, List<torch.Tensor> outputs)
    {
        var handle = GCHandle.Alloc(this);
        var attached = new nint[outputs.Count];
        fixed (nint* from = torch.Handles(inputs))
        fixed (nint* to = torch.Handles(outputs))
        fixed (nint* result = attached)
        {
            torch.Check(Shim.shim_function_attach(
                from, inputs.Length, to, outputs.Count, &Backward, &Release, GCHandle.ToIntPtr(handle), result));
        }

        GC.KeepAlive(inputs);
        foreach (var output in outputs)
        {
            output.Dispose();
        }

        return [.. attached.Select(item => new torch.Tensor(item))];
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Backward(nint state, nint* given, int givenCount, nint* wanted, int wantedCount, byte** text)
    {
        try
        {
            ((FunctionNode)GCHandle.FromIntPtr(state).Target!).Run(
                new Span<nint>(given, givenCount), new Span<nint>(wanted, wantedCount));
            return 0;
        }
        catch (Exception error)
        {
            // The text must outlive this call; the thread's previous one is no longer read by anyone.
            Marshal.FreeCoTaskMem(t_errorText);
            t_errorText = Marshal.StringToCoTaskMemUTF8(error.Message);
            *text = (byte*)t_errorText;
            return -1;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Release(nint state)
    {
        var handle = GCHandle.FromIntPtr(state);
        ((FunctionNode)handle.Target!).DisposeContext();
        handle.Free();
    }

    private void DisposeContext() => context.Dispose();

    private void Run(Span<nint> given, Span<nint> wanted)
    {
        using var scope = torch.NewDisposeScope();
        var gradients = new List<torch.Tensor>(given.Length);
        foreach (var handle in given)
        {
            gradients.Add(handle == 0 ? null! : new torch.Tensor(handle));
        }

        var results = backward(context, gradients);
        if (results.Count != isTensor.Length)
        {
            throw new InvalidOperationException(
                $"{name}.backward gave {results.Count} gradients for {isTensor.Length} arguments.");
        }

        var next = 0;
        for (var i = 0; i < isTensor.Length; i++)
        {
            if (isTensor[i])
            {
                wanted[next++] = results[i] is { } result ? Shim.shim_share(result.Handle) : 0;
            }
        }
    }
}
