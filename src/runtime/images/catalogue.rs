//! Known images, one readable entry each.

use super::exists::Tags;
use super::reference::Reference;
use super::special::Answers;
use super::{Handler, Image, Term, Userland};

/// What an entry does not say.
const IMAGE: Image = Image {
    names: &[],
    entrypoint: &[],
    command: &[],
    programs: &[],
    wrappers: &[],
    userland: Userland::Debian,
    ports: &[],
    handler: Handler::None,
    log: &[],
    start_up_ms: 100,
    term: Term::Exits {
        code: 0,
        after_ms: 10,
    },
    memory_mib: 16,
    cpu_millis: 1,
    size: 50_000_000,
    env: &[],
    working_dir: "/",
    user: (0, 0),
    files: &[],
    needs: None,
    tags: Tags::Any,
};

const SHELL: Image = Image {
    term: Term::Default,
    memory_mib: 1,
    ..IMAGE
};
/// A server in an image without a shell.
const BARE: Image = Image {
    userland: Userland::None,
    ..IMAGE
};
/// A program that does its work and ends.
const ENDS: Term = Term::Exits {
    code: 0,
    after_ms: 0,
};

/// The default page of nginx.
const NGINX_PAGE: &str = "<!DOCTYPE html>\n<html>\n<head>\n<title>Welcome to nginx!</title>\n</head>\n<body>\n<h1>Welcome to nginx!</h1>\n<p>If you see this page, the nginx web server is successfully installed and\nworking. Further configuration is required.</p>\n\n<p><em>Thank you for using nginx.</em></p>\n</body>\n</html>\n";

/// The main configuration of nginx.
pub const NGINX_CONF: &str = "\nuser  nginx;\nworker_processes  auto;\n\nerror_log  /var/log/nginx/error.log notice;\npid        /var/run/nginx.pid;\n\nevents {\n    worker_connections  1024;\n}\n\nhttp {\n    include       /etc/nginx/mime.types;\n    default_type  application/octet-stream;\n    sendfile        on;\n    keepalive_timeout  65;\n    include /etc/nginx/conf.d/*.conf;\n}\n";

const NGINX_SITE: &str = "server {\n    listen       80;\n    server_name  localhost;\n\n    location / {\n        root   /usr/share/nginx/html;\n        index  index.html index.htm;\n    }\n}\n";

const MYSQL_NEEDS: &str = "[ERROR] [Entrypoint]: Database is uninitialized and password option is not specified\n    You need to specify one of the following as an environment variable:\n    - MYSQL_ROOT_PASSWORD\n    - MYSQL_ALLOW_EMPTY_PASSWORD\n    - MYSQL_RANDOM_ROOT_PASSWORD\n";
const MARIADB_NEEDS: &str = "[ERROR] [Entrypoint]: Database is uninitialized and password option is not specified\n\tYou need to specify one of MARIADB_ROOT_PASSWORD, MARIADB_ROOT_PASSWORD_HASH, MARIADB_ALLOW_EMPTY_ROOT_PASSWORD and MARIADB_RANDOM_ROOT_PASSWORD\n";
const POSTGRES_NEEDS: &str = "Error: Database is uninitialized and superuser password is not specified.\n       You must specify POSTGRES_PASSWORD to a non-empty value for the\n       superuser. For example, \"-e POSTGRES_PASSWORD=password\" on \"docker run\".\n\n       You may also use \"POSTGRES_HOST_AUTH_METHOD=trust\" to allow all\n       connections without a password. This is *not* recommended.\n\n       See PostgreSQL documentation about \"trust\":\n       https://www.postgresql.org/docs/current/auth-trust.html\n";
const HELLO: &str = "\nHello from Docker!\nThis message shows that your installation appears to be working correctly.\n";

/// Repositories of `docker.io/library`, besides those with an entry.
pub const OFFICIAL: &[&str] = &[
    "aerospike",
    "almalinux",
    "amazonlinux",
    "archlinux",
    "arangodb",
    "backdrop",
    "bonita",
    "buildpack-deps",
    "caddy",
    "centos",
    "chronograf",
    "cirros",
    "clojure",
    "composer",
    "consul",
    "convertigo",
    "couchbase",
    "couchdb",
    "crate",
    "dart",
    "docker",
    "drupal",
    "eclipse-mosquitto",
    "eclipse-temurin",
    "eggdrop",
    "elixir",
    "emqx",
    "erlang",
    "fedora",
    "flink",
    "gazebo",
    "gcc",
    "geonetwork",
    "gradle",
    "groovy",
    "haproxy",
    "haskell",
    "haxe",
    "hitch",
    "hylang",
    "ibmjava",
    "influxdb",
    "irssi",
    "jetty",
    "joomla",
    "jruby",
    "julia",
    "kapacitor",
    "kibana",
    "kong",
    "lightstreamer",
    "liquibase",
    "logstash",
    "mageia",
    "matomo",
    "maven",
    "mediawiki",
    "mongo-express",
    "monica",
    "mono",
    "nats",
    "nats-streaming",
    "neo4j",
    "neurodebian",
    "nextcloud",
    "odoo",
    "open-liberty",
    "oraclelinux",
    "orientdb",
    "percona",
    "photon",
    "phpmyadmin",
    "plone",
    "postfixadmin",
    "pypy",
    "r-base",
    "redmine",
    "registry",
    "rethinkdb",
    "rocket.chat",
    "rockylinux",
    "ros",
    "rust",
    "sapmachine",
    "silverpeas",
    "solr",
    "sonarqube",
    "spark",
    "spiped",
    "storm",
    "swift",
    "swipl",
    "teamspeak",
    "telegraf",
    "tomee",
    "unit",
    "varnish",
    "vault",
    "websphere-liberty",
    "xwiki",
    "yourls",
    "znc",
    "scratch",
    "nginx-ingress",
];

/// The entry of a reference.
pub fn find(reference: &Reference) -> Option<&'static Image> {
    let name = reference.name();
    let name = match name.strip_prefix("k8s.gcr.io/") {
        Some(rest) => format!("registry.k8s.io/{rest}"),
        None => name,
    };
    IMAGES
        .iter()
        .find(|image| image.names.contains(&name.as_str()))
}

const IMAGES: &[Image] = &[
    Image {
        names: &[
            "docker.io/library/nginx",
            "docker.io/nginxinc/nginx-unprivileged",
            "docker.io/bprashanth/nginxhttps",
            "docker.io/bitnami/nginx",
        ],
        entrypoint: &["/docker-entrypoint.sh"],
        command: &["nginx", "-g", "daemon off;"],
        programs: &["nginx"],
        wrappers: &["/docker-entrypoint.sh"],
        ports: &[80],
        handler: Handler::Files {
            root: "/usr/share/nginx/html",
            server: "nginx",
        },
        log: &[
            "/docker-entrypoint.sh: /docker-entrypoint.d/ is not empty, will attempt to perform configuration",
            "/docker-entrypoint.sh: Looking for shell scripts in /docker-entrypoint.d/",
            "/docker-entrypoint.sh: Configuration complete; ready for start up",
        ],
        start_up_ms: 50,
        term: Term::Exits {
            code: 0,
            after_ms: 10,
        },
        memory_mib: 4,
        size: 72_080_558,
        files: &[
            ("/usr/share/nginx/html/index.html", NGINX_PAGE),
            (
                "/usr/share/nginx/html/50x.html",
                "<h1>An error occurred.</h1>\n",
            ),
            ("/etc/nginx/nginx.conf", NGINX_CONF),
            ("/etc/nginx/conf.d/default.conf", NGINX_SITE),
            ("/usr/sbin/nginx", ""),
            ("/docker-entrypoint.sh", ""),
            ("/var/log/nginx/access.log", ""),
        ],
        tags: Tags::UpTo(&[(1, 29), (0, 8)]),
        ..IMAGE
    },
    Image {
        names: &["docker.io/library/httpd", "docker.io/bitnami/apache"],
        command: &["httpd-foreground"],
        programs: &["httpd-foreground", "httpd"],
        ports: &[80],
        handler: Handler::Files {
            root: "/usr/local/apache2/htdocs",
            server: "Apache/2.4.62 (Unix)",
        },
        log: &[
            "AH00558: httpd: Could not reliably determine the server's fully qualified domain name, using 127.0.0.1. Set the 'ServerName' directive globally to suppress this message",
            "[mpm_event:notice] [pid 1:tid 1] AH00489: Apache/2.4.62 (Unix) configured -- resuming normal operations",
            "[core:notice] [pid 1:tid 1] AH00094: Command line: 'httpd -D FOREGROUND'",
        ],
        term: Term::Exits {
            code: 0,
            after_ms: 50,
        },
        memory_mib: 8,
        size: 58_000_000,
        working_dir: "/usr/local/apache2",
        files: &[(
            "/usr/local/apache2/htdocs/index.html",
            "<html><body><h1>It works!</h1></body></html>\n",
        )],
        tags: Tags::UpTo(&[(2, 4)]),
        ..IMAGE
    },
    Image {
        names: &[
            "docker.io/library/redis",
            "docker.io/bitnami/redis",
            "registry.k8s.io/redis",
            "docker.io/library/valkey",
            "docker.io/valkey/valkey",
        ],
        entrypoint: &["docker-entrypoint.sh"],
        command: &["redis-server"],
        programs: &["redis-server", "redis-cli"],
        wrappers: &["docker-entrypoint.sh"],
        ports: &[6379],
        log: &[
            "1:C * oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo",
            "1:M * Running mode=standalone, port=6379.",
            "1:M * Server initialized",
            "1:M * Ready to accept connections tcp",
        ],
        term: Term::Exits {
            code: 0,
            after_ms: 50,
        },
        memory_mib: 8,
        cpu_millis: 2,
        size: 45_006_722,
        working_dir: "/data",
        tags: Tags::UpTo(&[(2, 8), (3, 2), (4, 0), (5, 0), (6, 2), (7, 4), (8, 4)]),
        ..IMAGE
    },
    Image {
        names: &[
            "us-docker.pkg.dev/google-samples/containers/gke/gb-redis-follower",
            "gcr.io/google_samples/gb-redisslave",
            "gcr.io/google_samples/gb-redis-follower",
        ],
        command: &["/run.sh"],
        programs: &["run.sh", "redis-server", "redis-cli"],
        ports: &[6379],
        log: &[
            "1:S * Ready to accept connections",
            "1:S * Connecting to MASTER redis-leader:6379",
            "1:S * MASTER <-> REPLICA sync started",
        ],
        memory_mib: 8,
        size: 39_000_000,
        ..IMAGE
    },
    Image {
        names: &[
            "us-docker.pkg.dev/google-samples/containers/gke/gb-frontend",
            "docker.io/corelab/gb-frontend",
            "gcr.io/google-samples/gb-frontend",
            "gcr.io/google_samples/gb-frontend",
        ],
        command: &["apache2-foreground"],
        programs: &["apache2-foreground"],
        ports: &[80],
        handler: Handler::Prefixes(&[(
            "/",
            200,
            "<html ng-app=\"redis\">\n  <head>\n    <title>Guestbook</title>\n  </head>\n</html>\n",
        )]),
        log: &[
            "AH00558: apache2: Could not reliably determine the server's fully qualified domain name",
            "[core:notice] [pid 1] AH00094: Command line: 'apache2 -D FOREGROUND'",
        ],
        start_up_ms: 300,
        memory_mib: 25,
        size: 160_000_000,
        ..IMAGE
    },
    Image {
        names: &[
            "docker.io/library/busybox",
            "registry.k8s.io/busybox",
            "registry.k8s.io/e2e-test-images/busybox",
            "gcr.io/google_containers/busybox",
            "quay.io/prometheus/busybox",
            "public.ecr.aws/docker/library/busybox",
            "mirror.gcr.io/library/busybox",
        ],
        command: &["sh"],
        userland: Userland::Busybox,
        size: 2_156_519,
        tags: Tags::UpTo(&[(1, 37)]),
        ..SHELL
    },
    Image {
        names: &[
            "docker.io/library/alpine",
            "public.ecr.aws/docker/library/alpine",
        ],
        command: &["/bin/sh"],
        userland: Userland::Busybox,
        size: 3_623_807,
        files: &[
            ("/etc/alpine-release", "3.20.3\n"),
            (
                "/etc/os-release",
                "NAME=\"Alpine Linux\"\nID=alpine\nVERSION_ID=3.20.3\n",
            ),
        ],
        tags: Tags::UpTo(&[(3, 23), (2, 7)]),
        ..SHELL
    },
    Image {
        names: &["docker.io/library/bash"],
        entrypoint: &["docker-entrypoint.sh"],
        command: &["bash"],
        wrappers: &["docker-entrypoint.sh"],
        userland: Userland::BusyboxBash,
        size: 6_500_000,
        tags: Tags::UpTo(&[(3, 2), (4, 4), (5, 3)]),
        ..SHELL
    },
    Image {
        names: &["docker.io/library/debian"],
        command: &["bash"],
        size: 49_554_958,
        files: &[
            ("/etc/debian_version", "12.7\n"),
            (
                "/etc/os-release",
                "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nID=debian\nVERSION_ID=\"12\"\n",
            ),
        ],
        ..SHELL
    },
    Image {
        names: &["docker.io/library/ubuntu"],
        command: &["/bin/bash"],
        size: 29_539_000,
        files: &[(
            "/etc/os-release",
            "PRETTY_NAME=\"Ubuntu 24.04 LTS\"\nID=ubuntu\nVERSION_ID=\"24.04\"\n",
        )],
        tags: Tags::UpTo(&[
            (14, 4),
            (16, 4),
            (18, 4),
            (20, 4),
            (22, 4),
            (24, 10),
            (25, 10),
            (26, 4),
        ]),
        ..SHELL
    },
    Image {
        names: &[
            "docker.io/library/fedora",
            "docker.io/library/centos",
            "docker.io/library/rockylinux",
            "docker.io/library/almalinux",
            "docker.io/library/amazonlinux",
        ],
        command: &["/bin/bash"],
        size: 70_000_000,
        ..SHELL
    },
    Image {
        names: &[
            "registry.k8s.io/pause",
            "registry.k8s.io/pause-amd64",
            "gcr.io/google_containers/pause",
            "gcr.io/google-containers/pause",
        ],
        entrypoint: &["/pause"],
        programs: &["/pause"],
        memory_mib: 1,
        cpu_millis: 0,
        size: 311_286,
        term: Term::Exits {
            code: 0,
            after_ms: 1,
        },
        ..BARE
    },
    Image {
        names: &[
            "registry.k8s.io/e2e-test-images/agnhost",
            "registry.k8s.io/e2e-test-images/liveness",
            "registry.k8s.io/agnhost",
        ],
        entrypoint: &["/agnhost"],
        command: &["pause"],
        programs: &["/agnhost"],
        userland: Userland::Busybox,
        term: Term::Default,
        memory_mib: 10,
        size: 51_105_200,
        ..IMAGE
    },
    Image {
        names: &["registry.k8s.io/liveness"],
        entrypoint: &["/server"],
        programs: &["/server"],
        ports: &[8080],
        handler: Handler::Special(Answers::Liveness),
        term: Term::Default,
        size: 4_000_000,
        ..BARE
    },
    Image {
        names: &[
            "registry.k8s.io/echoserver",
            "registry.k8s.io/e2e-test-images/echoserver",
            "gcr.io/google_containers/echoserver",
            "gcr.io/kubernetes-e2e-test-images/echoserver",
        ],
        command: &["/usr/local/bin/run.sh"],
        programs: &["run.sh", "nginx"],
        ports: &[8080, 8443],
        handler: Handler::Special(Answers::Echo),
        log: &["Generating self-signed cert", "Starting nginx"],
        size: 46_000_000,
        ..IMAGE
    },
    Image {
        names: &[
            "docker.io/ealen/echo-server",
            "docker.io/jmalloc/echo-server",
            "docker.io/kicbase/echo-server",
            "registry.k8s.io/ingressconformance/echoserver",
            "docker.io/mendhak/http-https-echo",
        ],
        entrypoint: &["/bin/echo-server"],
        programs: &["echo-server", "/app/echo-server"],
        ports: &[8080],
        handler: Handler::Special(Answers::Echo),
        log: &["Echo server listening on port 8080."],
        term: Term::Default,
        size: 2_000_000,
        ..BARE
    },
    Image {
        names: &["docker.io/traefik/whoami", "docker.io/containous/whoami"],
        entrypoint: &["/whoami"],
        programs: &["/whoami"],
        ports: &[80],
        handler: Handler::Special(Answers::WhoAmI),
        log: &["Starting up on port 80"],
        term: Term::Default,
        size: 2_900_000,
        ..BARE
    },
    Image {
        names: &[
            "gcr.io/google-samples/hello-app",
            "us-docker.pkg.dev/google-samples/containers/gke/hello-app",
            "gcr.io/google-samples/hello-go-gke",
            "gcr.io/google-samples/node-hello",
        ],
        entrypoint: &["/hello-app"],
        programs: &["/hello-app"],
        ports: &[8080, 80],
        handler: Handler::Special(Answers::HelloApp),
        log: &["Server listening on port 8080"],
        term: Term::Default,
        size: 11_500_000,
        user: (65532, 65532),
        ..BARE
    },
    Image {
        names: &["gcr.io/google-samples/hello-frontend"],
        command: &["nginx", "-g", "daemon off;"],
        programs: &["nginx"],
        ports: &[80],
        handler: Handler::Prefixes(&[("/", 200, "{\"message\":\"Hello\"}\n")]),
        size: 44_000_000,
        ..IMAGE
    },
    Image {
        names: &["docker.io/hashicorp/http-echo"],
        entrypoint: &["/http-echo"],
        programs: &["/http-echo", "http-echo"],
        ports: &[5678],
        handler: Handler::Special(Answers::Text),
        size: 3_100_000,
        user: (65532, 65532),
        ..BARE
    },
    Image {
        names: &["docker.io/library/hello-world"],
        command: &["/hello"],
        programs: &["/hello"],
        log: &[HELLO],
        start_up_ms: 1,
        term: ENDS,
        memory_mib: 1,
        size: 2_459,
        tags: Tags::UpTo(&[]),
        ..BARE
    },
    Image {
        names: &["docker.io/library/mysql"],
        entrypoint: &["docker-entrypoint.sh"],
        command: &["mysqld"],
        programs: &["mysqld"],
        wrappers: &["docker-entrypoint.sh"],
        ports: &[3306, 33060],
        log: &[
            "[Note] [Entrypoint]: Entrypoint script for MySQL Server started.",
            "[Note] [Entrypoint]: Initializing database files",
            "[System] [MY-010931] [Server] /usr/sbin/mysqld: ready for connections. Version: '8.0.39'  socket: '/var/run/mysqld/mysqld.sock'  port: 3306  MySQL Community Server - GPL.",
        ],
        start_up_ms: 12_000,
        term: Term::Exits {
            code: 0,
            after_ms: 1_500,
        },
        memory_mib: 380,
        cpu_millis: 8,
        size: 170_000_000,
        needs: Some((
            &[
                "MYSQL_ROOT_PASSWORD",
                "MYSQL_ALLOW_EMPTY_PASSWORD",
                "MYSQL_RANDOM_ROOT_PASSWORD",
            ],
            MYSQL_NEEDS,
        )),
        tags: Tags::UpTo(&[(5, 7), (8, 4), (9, 5)]),
        ..IMAGE
    },
    Image {
        names: &["docker.io/library/mariadb"],
        entrypoint: &["docker-entrypoint.sh"],
        command: &["mariadbd"],
        programs: &["mariadbd", "mysqld"],
        wrappers: &["docker-entrypoint.sh"],
        ports: &[3306],
        log: &[
            "[Note] [Entrypoint]: Entrypoint script for MariaDB Server started.",
            "[Note] mariadbd: ready for connections.",
        ],
        start_up_ms: 6_000,
        term: Term::Exits {
            code: 0,
            after_ms: 1_000,
        },
        memory_mib: 110,
        cpu_millis: 4,
        size: 128_000_000,
        needs: Some((
            &[
                "MARIADB_ROOT_PASSWORD",
                "MYSQL_ROOT_PASSWORD",
                "MARIADB_ALLOW_EMPTY_ROOT_PASSWORD",
                "MYSQL_ALLOW_EMPTY_PASSWORD",
                "MARIADB_RANDOM_ROOT_PASSWORD",
            ],
            MARIADB_NEEDS,
        )),
        tags: Tags::UpTo(&[(5, 5), (10, 11), (11, 8), (12, 1)]),
        ..IMAGE
    },
    Image {
        names: &["docker.io/library/postgres"],
        entrypoint: &["docker-entrypoint.sh"],
        command: &["postgres"],
        programs: &["postgres"],
        wrappers: &["docker-entrypoint.sh"],
        ports: &[5432],
        log: &[
            "The files belonging to this database system will be owned by user \"postgres\".",
            "PostgreSQL init process complete; ready for start up.",
            "LOG:  listening on IPv4 address \"0.0.0.0\", port 5432",
            "LOG:  database system is ready to accept connections",
        ],
        start_up_ms: 3_000,
        // SIGTERM is a smart shutdown; nobody is connected.
        term: Term::Exits {
            code: 0,
            after_ms: 200,
        },
        memory_mib: 30,
        cpu_millis: 3,
        size: 150_000_000,
        needs: Some((
            &[
                "POSTGRES_PASSWORD",
                "POSTGRES_HOST_AUTH_METHOD",
                "POSTGRES_PASSWORD_FILE",
            ],
            POSTGRES_NEEDS,
        )),
        tags: Tags::UpTo(&[
            (9, 6),
            (10, 23),
            (11, 22),
            (12, 22),
            (13, 23),
            (14, 20),
            (15, 15),
            (16, 11),
            (17, 7),
            (18, 1),
        ]),
        ..IMAGE
    },
    Image {
        names: &["docker.io/library/mongo"],
        entrypoint: &["docker-entrypoint.sh"],
        command: &["mongod"],
        programs: &["mongod"],
        wrappers: &["docker-entrypoint.sh"],
        ports: &[27017],
        log: &[
            "{\"s\":\"I\",\"c\":\"CONTROL\",\"id\":4615611,\"ctx\":\"initandlisten\",\"msg\":\"MongoDB starting\"}",
            "{\"s\":\"I\",\"c\":\"NETWORK\",\"id\":23016,\"ctx\":\"listener\",\"msg\":\"Waiting for connections\",\"attr\":{\"port\":27017,\"ssl\":\"off\"}}",
        ],
        start_up_ms: 2_000,
        term: Term::Exits {
            code: 0,
            after_ms: 300,
        },
        memory_mib: 160,
        cpu_millis: 5,
        size: 260_000_000,
        tags: Tags::UpTo(&[(3, 6), (4, 4), (5, 0), (6, 0), (7, 0), (8, 2)]),
        ..IMAGE
    },
    Image {
        names: &[
            "gcr.io/google-samples/cassandra",
            "docker.io/library/cassandra",
        ],
        entrypoint: &["/usr/local/bin/docker-entrypoint.sh"],
        command: &["cassandra", "-f"],
        programs: &["cassandra", "/run.sh", "nodetool", "/ready-probe.sh"],
        wrappers: &[
            "docker-entrypoint.sh",
            "/usr/local/bin/docker-entrypoint.sh",
        ],
        ports: &[7000, 7001, 7199, 9042],
        log: &[
            "Starting Cassandra on 0.0.0.0",
            "INFO  Starting listening for CQL clients on /0.0.0.0:9042 (unencrypted)...",
        ],
        start_up_ms: 20_000,
        term: Term::Exits {
            code: 143,
            after_ms: 1_000,
        },
        memory_mib: 700,
        cpu_millis: 30,
        size: 130_000_000,
        ..IMAGE
    },
    Image {
        names: &["registry.k8s.io/kubernetes-zookeeper"],
        command: &["start-zookeeper"],
        programs: &["start-zookeeper", "zookeeper-ready", "zkCli.sh"],
        ports: &[2181, 2888, 3888],
        log: &[
            "ZooKeeper started",
            "INFO [main:NIOServerCnxnFactory] - binding to port 0.0.0.0/0.0.0.0:2181",
        ],
        start_up_ms: 4_000,
        term: Term::Default,
        memory_mib: 120,
        cpu_millis: 5,
        size: 85_000_000,
        user: (1000, 1000),
        ..IMAGE
    },
    Image {
        names: &["docker.io/library/zookeeper"],
        command: &["zkServer.sh", "start-foreground"],
        programs: &["zkServer.sh"],
        ports: &[2181, 2888, 3888, 8080],
        start_up_ms: 2_000,
        term: Term::Exits {
            code: 143,
            after_ms: 100,
        },
        memory_mib: 120,
        size: 110_000_000,
        ..IMAGE
    },
    Image {
        names: &["docker.io/library/rabbitmq"],
        entrypoint: &["docker-entrypoint.sh"],
        command: &["rabbitmq-server"],
        programs: &["rabbitmq-server"],
        wrappers: &["docker-entrypoint.sh"],
        ports: &[5672, 15672],
        log: &[
            "  Starting broker...",
            " completed with 4 plugins.",
            "[info] Server startup complete; 4 plugins started.",
        ],
        start_up_ms: 8_000,
        term: Term::Exits {
            code: 0,
            after_ms: 2_000,
        },
        memory_mib: 120,
        cpu_millis: 10,
        size: 115_000_000,
        tags: Tags::UpTo(&[(3, 13), (4, 2)]),
        ..IMAGE
    },
    Image {
        names: &["docker.io/library/memcached"],
        entrypoint: &["docker-entrypoint.sh"],
        command: &["memcached"],
        programs: &["memcached"],
        wrappers: &["docker-entrypoint.sh"],
        ports: &[11211],
        memory_mib: 3,
        size: 31_000_000,
        user: (11211, 11211),
        tags: Tags::UpTo(&[(1, 6)]),
        ..IMAGE
    },
    Image {
        names: &["docker.io/library/wordpress"],
        entrypoint: &["docker-entrypoint.sh"],
        command: &["apache2-foreground"],
        programs: &["apache2-foreground"],
        wrappers: &["docker-entrypoint.sh"],
        ports: &[80],
        handler: Handler::Prefixes(&[
            (
                "/wp-admin/install.php",
                200,
                "<title>WordPress &rsaquo; Installation</title>\n",
            ),
            ("/", 302, ""),
        ]),
        log: &[
            "WordPress not found in /var/www/html - copying now...",
            "Complete! WordPress has been successfully copied to /var/www/html",
            "[core:notice] [pid 1] AH00094: Command line: 'apache2 -D FOREGROUND'",
        ],
        start_up_ms: 2_000,
        memory_mib: 45,
        size: 240_000_000,
        ..IMAGE
    },
    Image {
        names: &[
            "registry.k8s.io/hpa-example",
            "gcr.io/google_containers/hpa-example",
        ],
        command: &["apache2-foreground"],
        programs: &["apache2-foreground"],
        ports: &[80],
        handler: Handler::Prefixes(&[("/", 200, "OK!")]),
        memory_mib: 10,
        size: 200_000_000,
        ..IMAGE
    },
    Image {
        names: &["docker.io/library/php"],
        entrypoint: &["docker-php-entrypoint"],
        command: &["php", "-a"],
        programs: &["php", "apache2-foreground", "php-fpm"],
        wrappers: &["docker-php-entrypoint"],
        ports: &[80, 9000],
        handler: Handler::Prefixes(&[("/", 200, "")]),
        memory_mib: 12,
        size: 170_000_000,
        ..IMAGE
    },
    Image {
        names: &["docker.io/library/perl"],
        command: &["perl", "-de0"],
        programs: &["perl"],
        term: Term::Default,
        memory_mib: 12,
        cpu_millis: 1000,
        size: 336_374_010,
        tags: Tags::UpTo(&[(5, 42)]),
        ..IMAGE
    },
    Image {
        names: &["docker.io/library/python"],
        command: &["python3"],
        programs: &["python3", "python"],
        term: Term::Default,
        memory_mib: 10,
        size: 366_000_000,
        tags: Tags::UpTo(&[(2, 7), (3, 14)]),
        ..IMAGE
    },
    Image {
        names: &["docker.io/library/node"],
        entrypoint: &["docker-entrypoint.sh"],
        command: &["node"],
        programs: &["node", "npm", "yarn", "npx"],
        wrappers: &["docker-entrypoint.sh"],
        term: Term::Default,
        memory_mib: 40,
        size: 390_000_000,
        ..IMAGE
    },
    Image {
        names: &["docker.io/library/golang"],
        command: &["bash"],
        programs: &["go"],
        term: Term::Default,
        size: 300_000_000,
        working_dir: "/go",
        tags: Tags::UpTo(&[(1, 25)]),
        ..IMAGE
    },
    Image {
        names: &["docker.io/library/ruby"],
        command: &["irb"],
        programs: &["ruby", "irb", "bundle"],
        term: Term::Default,
        size: 350_000_000,
        ..IMAGE
    },
    Image {
        names: &[
            "docker.io/library/openjdk",
            "docker.io/library/eclipse-temurin",
        ],
        command: &["jshell"],
        programs: &["java", "jshell"],
        term: Term::Exits {
            code: 143,
            after_ms: 100,
        },
        memory_mib: 120,
        size: 240_000_000,
        ..IMAGE
    },
    Image {
        names: &[
            "docker.io/polinux/stress",
            "docker.io/vish/stress",
            "docker.io/progrium/stress",
            "docker.io/alexeiled/stress-ng",
        ],
        entrypoint: &["stress"],
        programs: &["stress", "/stress", "stress-ng"],
        userland: Userland::Busybox,
        term: Term::Default,
        memory_mib: 1,
        cpu_millis: 1000,
        size: 4_041_495,
        ..IMAGE
    },
    Image {
        names: &["docker.io/curlimages/curl"],
        entrypoint: &["/entrypoint.sh"],
        command: &["curl"],
        wrappers: &["/entrypoint.sh"],
        userland: Userland::Busybox,
        size: 8_900_000,
        user: (100, 101),
        ..SHELL
    },
    Image {
        names: &[
            "docker.io/nicolaka/netshoot",
            "registry.k8s.io/e2e-test-images/jessie-dnsutils",
            "docker.io/tutum/dnsutils",
            "docker.io/praqma/network-multitool",
            "docker.io/wbitt/network-multitool",
        ],
        command: &["sh"],
        userland: Userland::BusyboxBash,
        size: 60_000_000,
        ..SHELL
    },
    Image {
        names: &["docker.io/alpine/socat"],
        entrypoint: &["socat"],
        programs: &["socat"],
        userland: Userland::Busybox,
        term: Term::Default,
        memory_mib: 1,
        size: 4_500_000,
        ..IMAGE
    },
    Image {
        names: &[
            "docker.io/bitnami/kubectl",
            "registry.k8s.io/kubectl",
            "docker.io/rancher/kubectl",
        ],
        entrypoint: &["kubectl"],
        programs: &["kubectl"],
        term: ENDS,
        size: 80_000_000,
        ..IMAGE
    },
    Image {
        names: &[
            "quay.io/fluentd_elasticsearch/fluentd",
            "registry.k8s.io/fluentd-elasticsearch",
            "docker.io/fluent/fluentd",
            "registry.k8s.io/fluentd-gcp",
            "docker.io/fluent/fluentd-kubernetes-daemonset",
            "gcr.io/google-containers/fluentd-elasticsearch",
        ],
        entrypoint: &["/entrypoint.sh"],
        programs: &["/entrypoint.sh", "fluentd", "/run.sh", "run.sh"],
        ports: &[24224],
        log: &[
            "[info]: parsing config file is succeeded path=\"/etc/fluent/fluent.conf\"",
            "[info]: starting fluentd-1.16.3 pid=7 ruby=\"3.2.2\"",
            "[info]: #0 fluentd worker is now running worker=0",
        ],
        start_up_ms: 3_000,
        term: Term::Exits {
            code: 0,
            after_ms: 500,
        },
        memory_mib: 90,
        cpu_millis: 5,
        size: 90_000_000,
        ..IMAGE
    },
    Image {
        names: &[
            "docker.io/fluent/fluent-bit",
            "cr.fluentbit.io/fluent/fluent-bit",
        ],
        entrypoint: &["/fluent-bit/bin/fluent-bit"],
        command: &["-c", "/fluent-bit/etc/fluent-bit.conf"],
        programs: &["fluent-bit"],
        ports: &[2020],
        memory_mib: 15,
        size: 33_000_000,
        ..BARE
    },
    Image {
        names: &[
            "docker.io/library/elasticsearch",
            "docker.elastic.co/elasticsearch/elasticsearch",
        ],
        entrypoint: &["/bin/tini", "--", "/usr/local/bin/docker-entrypoint.sh"],
        command: &["eswrapper"],
        programs: &["eswrapper"],
        wrappers: &[
            "/bin/tini",
            "tini",
            "/usr/local/bin/docker-entrypoint.sh",
            "docker-entrypoint.sh",
        ],
        ports: &[9200, 9300],
        handler: Handler::Prefixes(&[
            (
                "/_cluster/health",
                200,
                "{\"cluster_name\":\"docker-cluster\",\"status\":\"green\"}",
            ),
            (
                "/",
                200,
                "{\"name\":\"es\",\"cluster_name\":\"docker-cluster\",\"tagline\":\"You Know, for Search\"}\n",
            ),
        ]),
        start_up_ms: 25_000,
        term: Term::Exits {
            code: 143,
            after_ms: 2_000,
        },
        memory_mib: 1_200,
        cpu_millis: 50,
        size: 600_000_000,
        user: (1000, 1000),
        ..IMAGE
    },
    Image {
        names: &[
            "docker.io/prom/node-exporter",
            "quay.io/prometheus/node-exporter",
        ],
        entrypoint: &["/bin/node_exporter"],
        programs: &["node_exporter"],
        ports: &[9100],
        handler: Handler::Prefixes(&[
            (
                "/metrics",
                200,
                "# HELP node_load1 1m load average.\n# TYPE node_load1 gauge\nnode_load1 0.21\n",
            ),
            ("/", 200, "<h1>Node Exporter</h1>\n"),
        ]),
        log: &[
            "level=info msg=\"Starting node_exporter\"",
            "level=info msg=\"Listening on\" address=[::]:9100",
        ],
        term: Term::Default,
        size: 12_000_000,
        user: (65534, 65534),
        userland: Userland::Busybox,
        ..IMAGE
    },
    Image {
        names: &["docker.io/prom/prometheus", "quay.io/prometheus/prometheus"],
        entrypoint: &["/bin/prometheus"],
        command: &[
            "--config.file=/etc/prometheus/prometheus.yml",
            "--storage.tsdb.path=/prometheus",
        ],
        programs: &["prometheus"],
        ports: &[9090],
        handler: Handler::Prefixes(&[
            ("/-/ready", 200, "Prometheus Server is Ready.\n"),
            ("/-/healthy", 200, "Prometheus Server is Healthy.\n"),
            ("/", 200, ""),
        ]),
        log: &["level=info msg=\"Server is ready to receive web requests.\""],
        start_up_ms: 800,
        memory_mib: 60,
        size: 105_000_000,
        user: (65534, 65534),
        userland: Userland::Busybox,
        ..IMAGE
    },
    Image {
        names: &["docker.io/grafana/grafana"],
        entrypoint: &["/run.sh"],
        programs: &["run.sh"],
        ports: &[3000],
        handler: Handler::Prefixes(&[
            ("/api/health", 200, "{\"database\":\"ok\"}"),
            ("/", 302, ""),
        ]),
        start_up_ms: 4_000,
        memory_mib: 90,
        size: 130_000_000,
        user: (472, 0),
        userland: Userland::BusyboxBash,
        ..IMAGE
    },
    Image {
        names: &["docker.io/jenkins/jenkins"],
        entrypoint: &["/usr/bin/tini", "--", "/usr/local/bin/jenkins.sh"],
        programs: &["jenkins.sh"],
        wrappers: &["/usr/bin/tini", "tini"],
        ports: &[8080, 50000],
        handler: Handler::Prefixes(&[
            ("/login", 200, "<title>Sign in - Jenkins</title>\n"),
            ("/", 403, ""),
        ]),
        start_up_ms: 20_000,
        term: Term::Exits {
            code: 143,
            after_ms: 1_000,
        },
        memory_mib: 700,
        size: 270_000_000,
        user: (1000, 1000),
        ..IMAGE
    },
    Image {
        names: &["docker.io/library/ghost"],
        entrypoint: &["docker-entrypoint.sh"],
        command: &["node", "current/index.js"],
        programs: &["node"],
        wrappers: &["docker-entrypoint.sh"],
        ports: &[2368],
        handler: Handler::Prefixes(&[("/", 200, "<title>Ghost</title>\n")]),
        start_up_ms: 8_000,
        memory_mib: 150,
        size: 180_000_000,
        ..IMAGE
    },
    Image {
        names: &["docker.io/library/tomcat"],
        command: &["catalina.sh", "run"],
        programs: &["catalina.sh"],
        ports: &[8080],
        handler: Handler::Prefixes(&[("/", 404, "<h1>HTTP Status 404 &#8211; Not Found</h1>")]),
        log: &[
            "INFO [main] org.apache.catalina.startup.Catalina.start Server startup in [1200] milliseconds",
        ],
        start_up_ms: 2_000,
        term: Term::Exits {
            code: 143,
            after_ms: 500,
        },
        memory_mib: 130,
        size: 210_000_000,
        ..IMAGE
    },
    Image {
        names: &["docker.io/library/traefik"],
        entrypoint: &["/entrypoint.sh"],
        command: &["traefik"],
        programs: &["traefik"],
        wrappers: &["/entrypoint.sh"],
        ports: &[80, 8080],
        handler: Handler::Prefixes(&[("/ping", 200, "OK"), ("/", 404, "404 page not found\n")]),
        memory_mib: 30,
        size: 44_000_000,
        userland: Userland::Busybox,
        ..IMAGE
    },
    Image {
        names: &["docker.io/library/registry"],
        entrypoint: &["/entrypoint.sh"],
        command: &["/etc/distribution/config.yml"],
        programs: &["/entrypoint.sh", "registry"],
        ports: &[5000],
        handler: Handler::Prefixes(&[("/v2/", 200, "{}"), ("/", 200, "")]),
        size: 10_000_000,
        userland: Userland::Busybox,
        ..IMAGE
    },
    Image {
        names: &[
            "registry.k8s.io/etcd",
            "quay.io/coreos/etcd",
            "gcr.io/etcd-development/etcd",
        ],
        entrypoint: &["etcd"],
        programs: &["etcd", "/usr/local/bin/etcd"],
        ports: &[2379, 2380],
        handler: Handler::Prefixes(&[
            ("/health", 200, "{\"health\":\"true\",\"reason\":\"\"}"),
            ("/", 404, "404 page not found\n"),
        ]),
        log: &[
            "{\"level\":\"info\",\"msg\":\"starting etcd\"}",
            "{\"level\":\"info\",\"msg\":\"serving client traffic insecurely; this is strongly discouraged!\"}",
        ],
        start_up_ms: 1_500,
        term: Term::Default,
        memory_mib: 30,
        cpu_millis: 15,
        size: 98_888_614,
        ..BARE
    },
    Image {
        names: &[
            "registry.k8s.io/coredns/coredns",
            "docker.io/coredns/coredns",
        ],
        entrypoint: &["/coredns"],
        programs: &["/coredns"],
        ports: &[53, 8080, 8181, 9153],
        handler: Handler::Prefixes(&[("/", 200, "OK")]),
        memory_mib: 15,
        cpu_millis: 3,
        size: 22_000_000,
        ..BARE
    },
    Image {
        names: &["registry.k8s.io/kube-proxy"],
        entrypoint: &["/usr/local/bin/kube-proxy"],
        programs: &["kube-proxy"],
        ports: &[10249, 10256],
        handler: Handler::Prefixes(&[("/", 200, "ok")]),
        memory_mib: 15,
        size: 28_000_000,
        ..BARE
    },
    Image {
        names: &[
            "registry.k8s.io/kube-apiserver",
            "registry.k8s.io/kube-controller-manager",
            "registry.k8s.io/kube-scheduler",
            "registry.k8s.io/metrics-server/metrics-server",
            "registry.k8s.io/ingress-nginx/controller",
            "registry.k8s.io/kube-state-metrics/kube-state-metrics",
            "registry.k8s.io/event-exporter",
            "registry.k8s.io/node-problem-detector",
        ],
        programs: &[
            "kube-apiserver",
            "kube-controller-manager",
            "kube-scheduler",
            "metrics-server",
            "nginx-ingress-controller",
            "kube-state-metrics",
            "/event-exporter",
            "/node-problem-detector",
        ],
        entrypoint: &["/event-exporter"],
        ports: &[80, 443, 6443, 8080, 10250, 10254, 10257, 10259],
        handler: Handler::Prefixes(&[("/", 200, "ok")]),
        memory_mib: 30,
        size: 30_000_000,
        ..IMAGE
    },
];
