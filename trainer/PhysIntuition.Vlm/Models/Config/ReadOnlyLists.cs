namespace PhysIntuition.Vlm.Models;

internal static class ReadOnlyLists
{
    /// <summary>The first place of a value, or -1.</summary>
    internal static int IndexOf(this IReadOnlyList<int> list, int value)
    {
        for (var i = 0; i < list.Count; i++)
        {
            if (list[i] == value)
            {
                return i;
            }
        }

        return -1;
    }
}
