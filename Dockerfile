# The server in a container, built from this repository alone:
#   docker build -t physintuition . && docker run -p 50051:50051 -p 8000:8000 -v "$PWD/tokens.json:/etc/physintuition/tokens.json:ro" physintuition
# packaging/check-dockerfile runs these steps without a Docker engine.
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /src
COPY Directory.Build.props Directory.Build.targets Directory.Packages.props global.json ./
COPY proto proto
COPY server server
RUN dotnet publish server/PhysIntuition.Server -c Release -o /app -p:PublishSingleFile=true --self-contained false -r linux-x64

FROM mcr.microsoft.com/dotnet/aspnet:10.0
RUN apt-get update && apt-get install -y --no-install-recommends libsqlite3-0 && rm -rf /var/lib/apt/lists/*
COPY --from=build /app /opt/physintuition
RUN mkdir -p /var/lib/physintuition && chown 10001 /var/lib/physintuition
ENV PHYSINTUITION_LISTEN__ADDRESS=0.0.0.0 \
    PHYSINTUITION_LISTEN__ALLOWPLAINTEXT=true \
    PHYSINTUITION_LISTEN__TOKENFILE=/etc/physintuition/tokens.json \
    PHYSINTUITION_LEADERBOARD__FOLDER=/var/lib/physintuition
USER 10001
EXPOSE 50051 8000
ENTRYPOINT ["/opt/physintuition/PhysIntuition.Server"]
CMD ["serve"]
