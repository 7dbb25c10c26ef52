// Stages write their working memory before they read it; zeroing it first would cost as much as a stage.
[module: SkipLocalsInit]
