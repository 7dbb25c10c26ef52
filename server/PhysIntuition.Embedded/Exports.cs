using System.Runtime.InteropServices;
using System.Text;
using PhysIntuition.Faults;
using PhysIntuition.Server;
using PhysIntuition.Server.Services;

namespace PhysIntuition.Embedded;

/// <summary>The functions of physintuition.h.</summary>
internal static unsafe class Exports
{
    private const int Pending = -1;
    private const int End = -2;

    [ThreadStatic]
    private static NativeBytes? t_reply;

    [ThreadStatic]
    private static NativeBytes? t_error;

    private static readonly byte* s_version = ToText(NativeMemory.Alloc(64), ServerDescription.Version);

    [UnmanagedCallersOnly(EntryPoint = "physintuition_version")]
    public static byte* Version() => s_version;

    [UnmanagedCallersOnly(EntryPoint = "physintuition_open")]
    public static nint Open(byte* settings)
    {
        try
        {
            var session = EmbeddedSession.Open(Marshal.PtrToStringUTF8((nint)settings) ?? "");
            return GCHandle.ToIntPtr(GCHandle.Alloc(session));
        }
        catch (Exception failure)
        {
            var text = failure is PhysIntuitionException ? failure.Message : failure.ToString();
            (t_error ??= new NativeBytes()).SetText(text);
            return 0;
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "physintuition_last_error")]
    public static byte* LastError() => (t_error ??= new NativeBytes()).Data;

    [UnmanagedCallersOnly(EntryPoint = "physintuition_call")]
    public static int Call(nint session, int method, byte* request, nuint length, Bytes* reply)
    {
        var target = t_reply ??= new NativeBytes();
        int status;
        try
        {
            status = Of(session).Call(method, new ReadOnlySpan<byte>(request, checked((int)length)), target);
        }
        catch (Exception failure)
        {
            status = WriteError(failure, target);
        }

        *reply = new Bytes { Data = target.Data, Length = (nuint)target.Length };
        return status;
    }

    [UnmanagedCallersOnly(EntryPoint = "physintuition_submit")]
    public static ulong Submit(nint session, int method, byte* request, nuint length) =>
        Of(session).Submit(method, new ReadOnlySpan<byte>(request, checked((int)length)).ToArray());

    [UnmanagedCallersOnly(EntryPoint = "physintuition_poll")]
    public static int Poll(nint session, ulong number, int milliseconds, Bytes* reply)
    {
        var target = t_reply ??= new NativeBytes();
        target.Clear();
        int status;
        try
        {
            status = Of(session).Poll(number, milliseconds, target) switch
            {
                PollResult.Pending => Pending,
                PollResult.End => End,
                _ => 0,
            };
        }
        catch (Exception failure)
        {
            status = WriteError(failure, target);
        }

        *reply = new Bytes { Data = target.Data, Length = (nuint)target.Length };
        return status;
    }

    [UnmanagedCallersOnly(EntryPoint = "physintuition_close")]
    public static void Close(nint session)
    {
        if (session != 0)
        {
            Of(session).Dispose();
            GCHandle.FromIntPtr(session).Free();
        }
    }

    private static EmbeddedSession Of(nint session) => (EmbeddedSession)GCHandle.FromIntPtr(session).Target!;

    private static int WriteError(Exception failure, NativeBytes target)
    {
        // There is no log that a reference could name: what broke is told as it is.
        var error = FaultTable.ToError(failure, reference: "");
        if (error.Reason == "INTERNAL")
        {
            error.Message = $"The engine failed: {failure}";
        }

        target.Set(error);
        return (int)error.Code;
    }

    private static byte* ToText(void* memory, string text)
    {
        var length = Encoding.UTF8.GetBytes(text, new Span<byte>(memory, 63));
        ((byte*)memory)[length] = 0;
        return (byte*)memory;
    }

    /// <summary>physintuition_bytes.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Bytes
    {
        public byte* Data;
        public nuint Length;
    }
}
