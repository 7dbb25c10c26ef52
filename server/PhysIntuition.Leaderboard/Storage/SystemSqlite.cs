using System.Runtime.InteropServices;
using SQLitePCL;

namespace PhysIntuition.Leaderboard.Storage;

/// <summary>The system's SQLite behind Microsoft.Data.Sqlite: a package of it has 19 MB, of 20 platforms.</summary>
public static class SystemSqlite
{
    private const string Library = "libsqlite3.so.0";   // the plain name is in Debian's development package alone

    private static readonly Lock s_lock = new();
    private static bool s_isSet;

    /// <summary>Makes it what connections use; needed before the first, harmless after.</summary>
    /// <exception cref="DllNotFoundException">It is not installed.</exception>
    public static void Use()
    {
        lock (s_lock)
        {
            if (s_isSet)
            {
                return;
            }

            if (!NativeLibrary.TryLoad(Library, out var library) && !NativeLibrary.TryLoad("sqlite3", out library))
            {
                throw new DllNotFoundException(
                    $"SQLite ({Library}) is not installed, and the leaderboard and caches are kept in its files. " +
                    "Install it: apt-get install libsqlite3-0.");
            }

            NativeLibrary.SetDllImportResolver(typeof(SQLite3Provider_sqlite3).Assembly, (_, _, _) => library);
            raw.SetProvider(new SQLite3Provider_sqlite3());
            s_isSet = true;
        }
    }
}
