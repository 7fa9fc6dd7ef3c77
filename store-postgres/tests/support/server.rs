//! A server of a test's own, which it may kill.

#![allow(dead_code, reason = "each test uses a part of it")]

use std::ffi::OsStr;
use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// How often a start is tried: a server that was killed leaves processes behind that take a moment to notice.
const STARTS: usize = 100;

/// Waits until nobody wants the server any more, whatever the reason, then ends it and removes its folder.
const KEEP: &str = r#"cat >/dev/null; "$0" stop -D "$1/data" -m immediate -w; rm -rf "$1""#;

/// A server that ends with this value, or with the process of the test.
pub(crate) struct Server {
    programs: PathBuf,
    folder: PathBuf,
    port: u16,
    keeper: Child,
}

impl Server {
    /// Starts one with a new cluster and these lines of configuration.
    pub(crate) fn start(settings: &[&str]) -> Self {
        let server = Self::new();
        // Nothing is lost if this is: it is made anew.
        server.run("initdb", ["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C", "--no-sync"]);
        server.configure(settings);
        server.start_again();
        server
    }

    /// Starts a standby of this server.
    pub(crate) fn standby(&self) -> Self {
        let standby = Self::new();
        let url = format!("--dbname={}", self.url());
        standby.run("pg_basebackup", [url.as_str(), "--write-recovery-conf", "--checkpoint=fast", "--no-sync"]);
        standby.configure(&[]);
        standby.start_again();
        standby
    }

    pub(crate) fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// Stops it as a power failure would: nothing is written any more, and clients are not told.
    pub(crate) fn stop_immediately(&self) {
        self.run("pg_ctl", ["stop", "-m", "immediate", "-w"]);
    }

    /// Stops it in good order.
    pub(crate) fn stop(&self) {
        self.run("pg_ctl", ["stop", "-m", "fast", "-w"]);
    }

    /// Kills a process that serves clients of this name. The server ends all others, recovers and goes on by itself.
    pub(crate) fn kill_one_of(&self, clients: &str) {
        let sql = format!("select pid from pg_stat_activity where application_name = '{clients}' order by random() limit 1");
        let ask = || {
            let output = as_user(&self.programs.join("psql")).args(["-XAtq", "-d", &self.url(), "-c", &sql]).output();
            String::from_utf8_lossy(&output.expect("psql can be run").stdout).trim().to_owned()
        };
        // They may still be on their way back from the last time.
        let pid = (0..STARTS * 10).map(|_| ask()).find(|pid| !pid.is_empty());
        self.signal("KILL", &pid.expect("somebody is served"));
    }

    /// Kills the process that all others belong to.
    pub(crate) fn kill(&self) {
        let pid = fs::read_to_string(self.data().join("postmaster.pid")).expect("the server runs");
        self.signal("KILL", pid.lines().next().expect("the first line is the process"));
    }

    /// Sends a signal to a process of the server. If one is killed, the server ends all others, recovers and goes on.
    pub(crate) fn signal(&self, signal: &str, pid: &str) {
        let sent = Command::new("kill").args(["-s", signal, pid]).status();
        assert!(sent.is_ok_and(|status| status.success()), "the process {pid} does not get {signal}");
    }

    /// Starts it again where it was stopped or killed, and waits until it lets clients in.
    pub(crate) fn start_again(&self) {
        let log = self.folder.join("log");
        let start =
            || self.command("pg_ctl").args(["start", "-w", "-l"]).arg(&log).status().expect("pg_ctl can be run").success();
        assert!((0..STARTS).any(|_| start()), "the server does not start: {}", fs::read_to_string(&log).unwrap_or_default());
    }

    /// Runs a program of PostgreSQL on the cluster.
    pub(crate) fn run<'a>(&self, program: &str, arguments: impl IntoIterator<Item = &'a str>) {
        let output = self.command(program).args(arguments).stderr(Stdio::piped()).output().expect("the program can be run");
        assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// A folder with its keeper, and no cluster in it.
    fn new() -> Self {
        let programs = programs();
        let folder = tempfile::Builder::new().prefix("annals-test-server-").tempdir().expect("a temporary folder").keep();
        if let Some((user, group)) = other_user() {
            chown(&folder, Some(user), Some(group)).expect("root can give a folder away");
        }
        let mut keeper = as_user(Path::new("sh"));
        keeper.args([OsStr::new("-c"), OsStr::new(KEEP), programs.join("pg_ctl").as_os_str(), folder.as_os_str()]);
        // What ends the test by force is not for the keeper: it still has to clean up.
        keeper.process_group(0).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let keeper = keeper.current_dir("/").spawn().expect("a shell");
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|free| free.local_addr()).expect("a port").port();
        Self { programs, folder, port, keeper }
    }

    fn configure(&self, settings: &[&str]) {
        let file = self.data().join("postgresql.conf");
        let usual = [
            &format!("port = {}", self.port),
            "listen_addresses = '127.0.0.1'",
            "unix_socket_directories = ''",
            "shared_buffers = '16MB'",
        ];
        let mut text = fs::read_to_string(&file).expect("a cluster has a configuration");
        // After a crash it would else take seconds to write each file of the cluster to the disk.
        let quick = cfg!(target_os = "linux").then_some("recovery_init_sync_method = syncfs");
        for line in usual.iter().chain(&quick).chain(settings) {
            text += &format!("\n{line}");
        }
        fs::write(&file, text + "\n").expect("the configuration can be written");
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn command(&self, program: &str) -> Command {
        let mut command = as_user(&self.programs.join(program));
        command.arg("-D").arg(self.data()).current_dir(&self.folder);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        // Then it cleans up, and there is nothing to say if it does not.
        let _ = self.keeper.wait();
    }
}

/// The folder with the programs of the newest version.
fn programs() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let of_debian = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|version| version.path().join("bin"));
    let folders = std::env::split_paths(&path).chain(of_debian).filter(|folder| folder.join("initdb").is_file());
    let newest = folders.max_by_key(|folder| version(folder));
    newest.expect("the programs of PostgreSQL: install the package `postgresql`")
}

/// `postgres (PostgreSQL) 15.20 (Debian 15.20-0+deb12u1)`
fn version(programs: &Path) -> Option<u32> {
    let output = Command::new(programs.join("postgres")).arg("--version").output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.split_whitespace().nth(2)?.split('.').next()?.parse().ok()
}

/// PostgreSQL refuses to be run by root, who takes the user that comes with the package.
fn other_user() -> Option<(u32, u32)> {
    let id = |arguments: &[&str]| {
        let output = Command::new("id").args(arguments).output().expect("the program `id`");
        String::from_utf8_lossy(&output.stdout).trim().parse().expect("there is a user `postgres`")
    };
    (id(&["-u"]) == 0).then(|| (id(&["-u", "postgres"]), id(&["-g", "postgres"])))
}

fn as_user(program: &Path) -> Command {
    let mut command = Command::new(program);
    if let Some((user, group)) = other_user() {
        command.uid(user).gid(group);
    }
    command
}
