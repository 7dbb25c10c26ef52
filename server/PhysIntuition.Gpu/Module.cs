using System.Runtime.CompilerServices;

// Kernels write their working memory before they read it; zeroing it first would cost registers and time.
[module: SkipLocalsInit]
