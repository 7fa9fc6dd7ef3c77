//! What each role may do to a store, and that it may do nothing else.

mod support;

use std::collections::BTreeSet;
use std::str::FromStr as _;

use annals_core::store::{AppendError, FailureKind, ReadLog, Views as _};
use annals_core::{EventStore, ExpectedVersion, Filter, ProjectionSink as _, StreamId, Tenant};
use annals_store_postgres::sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use annals_store_postgres::sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection, PgPool, query, raw_sql};
use annals_store_postgres::{OpenError, PgBatch, PgProjection, PgProjectionError, PostgresOptions, PostgresStore, Roles};
use annals_testing::compliance::Subject;
use support::{Schema, connect, event, positions, url};

/// A store with roles of its own, and a login for one of them.
struct Guarded {
    schema: Schema,
    prefix: String,
}

impl Guarded {
    /// The store, the roles, and for each of them a login that has its name and `_login`.
    async fn new() -> Self {
        let schema = Schema::new();
        drop(schema.open().await);
        let guarded = Self { prefix: schema.name.replace("annals_test", "role"), schema };
        let script = guarded.roles().script();
        guarded.run(&script).await;
        for role in ["reader", "writer", "archiver", "tenant"] {
            guarded.run(&format!("create role {{prefix}}_{role}_login login password 'secret' in role {{prefix}}_{role}")).await;
        }
        guarded
    }

    fn roles(&self) -> Roles {
        Roles::new(&self.schema.name, &self.prefix).unwrap()
    }

    fn sql(&self, sql: &str) -> AssertSqlSafe<String> {
        AssertSqlSafe(sql.replace("{schema}", &self.schema.name).replace("{prefix}", &self.prefix))
    }

    /// Runs statements as the owner.
    async fn run(&self, sql: &str) {
        raw_sql(self.sql(sql)).execute(&mut connect().await).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    fn login(&self, role: &str) -> PgConnectOptions {
        let options = PgConnectOptions::from_str(&url()).unwrap();
        options.username(&format!("{}_{role}_login", self.prefix)).password("secret")
    }

    fn pool(&self, role: &str) -> PgPool {
        PgPoolOptions::new().max_connections(6).connect_lazy_with(self.login(role))
    }

    async fn try_open(&self, role: &str) -> Result<PostgresStore, OpenError> {
        PostgresOptions::with_pool(self.pool(role)).schema(&self.schema.name).open().await
    }

    async fn open(&self, role: &str) -> PostgresStore {
        self.try_open(role).await.unwrap_or_else(|error| panic!("{role}: {error:?}"))
    }

    /// The code with which the server answers a statement of a role.
    async fn code(&self, connection: &mut PgConnection, sql: &str) -> String {
        let answer = connection.execute(raw_sql(self.sql(sql))).await;
        let error = answer.map(drop).expect_err(sql);
        error.as_database_error().and_then(|error| error.code()).unwrap_or_default().into_owned()
    }
}

impl Drop for Guarded {
    /// Roles outlive the schema, so they are dropped first, with their privileges.
    fn drop(&mut self) {
        let sql = ["reader", "writer", "archiver", "tenant"].map(|role| {
            let role = format!("{}_{role}", self.prefix);
            format!("drop owned by {role}_login, {role}; drop role {role}_login, {role};")
        });
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async { raw_sql(AssertSqlSafe(sql.concat())).execute(&mut connect().await).await.map(drop) })
        });
        if let Ok(Err(error)) = dropped.join() {
            eprintln!("roles `{}_…` of a test are left behind: {error}", self.prefix);
        }
    }
}

/// Everything that a store has to do, done by the writer.
mod as_writer {
    use super::{Guarded, Subject};

    annals_testing::event_store_compliance!(|| async {
        let guarded = Guarded::new().await;
        Subject::new(guarded.open("writer").await).keep(guarded)
    });
}

/// What no role of a store may do, whoever it is.
const REFUSED: [&str; 25] = [
    "insert into {schema}.event select * from {schema}.event",
    "update {schema}.event set version = 2",
    "delete from {schema}.event",
    "truncate {schema}.event",
    "insert into {schema}.event_tag values ('a:b', 1)",
    "update {schema}.event_tag set tag = 'a:b'",
    "delete from {schema}.event_tag",
    "truncate {schema}.event_tag",
    "set annals.removes = 'on'; delete from {schema}.event",
    "update {schema}.store set format = 9",
    "insert into {schema}.view (name, version, checkpoint) values ('x', 1, '')",
    "delete from {schema}.outbox",
    "delete from {schema}.timer",
    "select nextval('{schema}.event_position')",
    "select setval('{schema}.event_position', 1)",
    "alter sequence {schema}.event_position cache 10",
    "select {schema}.first_match('{a:b}', '{}', '{}', false, 0)",
    "select {schema}.apply_effects('{}', '{}')",
    "select {schema}.apply_refusable('[]')",
    "create table {schema}.mine ()",
    "create or replace function {schema}.horizon() returns bigint language sql as 'select 0::bigint'",
    "alter table {schema}.event disable trigger event_no_change",
    "alter table {schema}.event disable row level security",
    "drop table {schema}.event",
    "set session_replication_role = replica",
];

/// What the functions of writers and archivers are called with. Roles that do not have them are refused before they look at it.
const WRITES: [&str; 5] = [
    "select {schema}.commit_view('x', 1, null, '{}', '{}', '{}', '{}', '{}')",
    "select {schema}.reset_view('x', 1)",
    "select {schema}.settle('x', '{}')",
    "select {schema}.hold_projection('x', 1, '{}', false)",
    "select {schema}.move_projection('x', 1, '{}')",
];
const ARCHIVES: &str = "select {schema}.remove_events('00000000-0000-0000-0000-000000000000', 1)";

#[tokio::test]
async fn no_role_can_do_more_than_it_is_for() {
    let guarded = Guarded::new().await;
    guarded.open("writer").await.append(support::tagged(event("a"), "seat:1")).await.unwrap();
    guarded.run(&guarded.roles().tenants()).await;
    for role in ["reader", "writer", "archiver", "tenant"] {
        let mut connection = PgConnection::connect_with(&guarded.login(role)).await.unwrap();
        let mut refused = REFUSED.to_vec();
        if role != "writer" {
            refused.extend(WRITES);
        }
        if role != "archiver" {
            refused.push(ARCHIVES);
        }
        for sql in refused {
            let code = guarded.code(&mut connection, sql).await;
            assert_eq!(code, "42501", "{role}: {sql}");
        }
    }
}

#[tokio::test]
async fn every_function_is_closed_to_the_public_and_has_a_search_path_of_its_own() {
    let guarded = Guarded::new().await;
    guarded.run(&guarded.roles().tenants()).await;
    let open = "select count(*) from pg_proc where pronamespace = '{schema}'::regnamespace
        and has_function_privilege('public', oid, 'execute') and prorettype <> 'trigger'::regtype";
    assert_eq!(guarded.schema.number(open).await, 0);
    let astray = "select count(*) from pg_proc where pronamespace = '{schema}'::regnamespace
        and not coalesce(array_to_string(proconfig, ' ') like '%search_path=pg_catalog, pg_temp%', false)";
    assert_eq!(guarded.schema.number(astray).await, 0);
}

#[tokio::test]
async fn a_reader_reads_everything_and_says_of_an_append_that_it_may_not() {
    let guarded = Guarded::new().await;
    guarded.open("writer").await.append(event("a")).await.unwrap();
    let reader = guarded.open("reader").await;
    assert_eq!(positions(&reader).await, [1]);
    assert_eq!(reader.health().await.unwrap().drawn.get(), 1);
    let Err(AppendError::NotStored(failure)) = reader.append(event("a")).await else { panic!("it was stored") };
    assert_eq!(failure.kind, FailureKind::NotWritable);
    assert!(format!("{failure:?}").contains("permission denied for function append"), "{failure:?}");
    assert_eq!(guarded.schema.number("select count(*) from {schema}.readable").await, 1);
}

#[tokio::test]
async fn the_scripts_can_be_run_again_and_take_back_what_was_granted_besides() {
    let guarded = Guarded::new().await;
    guarded.run("grant update on {schema}.event to {prefix}_writer").await;
    for _ in 0..2 {
        guarded.run(&guarded.roles().script()).await;
        guarded.run(&guarded.roles().tenants()).await;
    }
    let mut connection = PgConnection::connect_with(&guarded.login("writer")).await.unwrap();
    assert_eq!(guarded.code(&mut connection, "update {schema}.event set version = 2").await, "42501");
    guarded.open("writer").await.append(event("a")).await.unwrap();
}

#[tokio::test]
async fn an_archiver_removes_what_it_has_copied_but_for_the_last_event() {
    let guarded = Guarded::new().await;
    let writer = guarded.open("writer").await;
    for stream in ["a", "a", "a", "b", "a"] {
        writer.append(support::tagged(event(stream), "seat:1")).await.unwrap();
    }
    let mut archiver = PgConnection::connect_with(&guarded.login("archiver")).await.unwrap();
    let mut remove = async |stream: &str, up_to: i64| {
        let key = uuid::Uuid::from_bytes(*support::stream_of(stream).key().as_bytes());
        let sql = guarded.sql("select {schema}.remove_events($1, $2)");
        let row = query(sql).bind(key).bind(up_to).fetch_one(&mut archiver).await.unwrap();
        annals_store_postgres::sqlx::Row::get::<i64, _>(&row, 0)
    };
    assert_eq!(remove("a", 2).await, 2);
    assert_eq!(remove("a", 100).await, 1, "the last one stays");
    assert_eq!(remove("b", 100).await, 0);
    assert_eq!(positions(&writer).await, [4, 5]);
    assert_eq!(guarded.schema.number("select count(*) from {schema}.event_tag").await, 2);
    let next = support::expecting(event("a"), ExpectedVersion::Exact(4_i64.try_into().unwrap()));
    assert_eq!(writer.append(next).await.unwrap().first.get(), 6);
}

/// A privilege that the message names is one that was lacking.
#[tokio::test]
async fn a_role_that_lacks_a_privilege_is_told_which_and_how_to_get_it() {
    let guarded = Guarded::new().await;
    for (role, revoke, lacks) in [
        ("reader", "revoke usage on schema {schema} from {prefix}_reader", "usage on schema {schema}"),
        ("reader", "revoke select on {schema}.event from {prefix}_reader", "select on {schema}.event"),
        ("reader", "revoke select on {schema}.event_position from {prefix}_reader", "select on sequence {schema}.event_position"),
        ("reader", "revoke execute on function {schema}.horizon from {prefix}_reader", "execute on function {schema}.horizon"),
        ("writer", "revoke execute on function {schema}.append from {prefix}_writer", "execute on function {schema}.append"),
        ("writer", "revoke execute on function {schema}.settle from {prefix}_writer", "execute on function {schema}.settle"),
        ("writer", "revoke select on {schema}.view from {prefix}_writer", "select on {schema}.view"),
    ] {
        guarded.run(revoke).await;
        let error = guarded.try_open(role).await.map(drop).expect_err(revoke);

        let OpenError::Privileges { role: told, lacking, .. } = &error else { panic!("{error:?}") };
        assert_eq!(*told, format!("{}_{role}_login", guarded.prefix));
        assert_eq!(*lacking, [lacks.replace("{schema}", &guarded.schema.name)]);
        // The cure is in the message, word for word.
        let text = error.to_string();
        let cure = text.split('`').rfind(|part| part.starts_with("grant ")).expect("it says how").to_owned();
        guarded.run(&cure).await;
        drop(guarded.open(role).await);
        guarded.run(&guarded.roles().script()).await;
    }
}

#[tokio::test]
async fn a_role_that_cannot_create_a_store_is_told_which_privilege_it_takes() {
    let guarded = Guarded::new().await;
    let elsewhere = Schema::new();
    let open = async || PostgresOptions::with_pool(guarded.pool("writer")).schema(&elsewhere.name).open().await;
    let error = open().await.map(drop).unwrap_err();
    assert!(
        matches!(&error, OpenError::Privileges { lacking, .. } if lacking[0].starts_with("create on database ")),
        "{error:?}"
    );

    // An empty schema that somebody else made.
    elsewhere.run("create schema {schema}").await;
    let error = open().await.map(drop).unwrap_err();
    let OpenError::Privileges { lacking, .. } = &error else { panic!("{error:?}") };
    assert_eq!(*lacking, ["create", "usage"].map(|privilege| format!("{privilege} on schema {}", elsewhere.name)));
    for privilege in lacking {
        guarded.run(&format!("grant {privilege} to {{prefix}}_writer_login")).await;
    }
    drop(open().await.unwrap());
    elsewhere.run("drop schema {schema} cascade").await;
}

fn of_tenant(tenant: &str, stream: &str) -> annals_core::store::Append {
    let mut append = support::tagged(event(stream), "seat:1");
    let category = append.streams[0].stream.category().clone();
    append.streams[0].stream = StreamId::of(Tenant::new(tenant).unwrap(), category, stream).unwrap();
    append
}

#[tokio::test]
async fn a_role_for_one_tenant_sees_and_appends_what_is_of_that_tenant() {
    let guarded = Guarded::new().await;
    guarded.run(&guarded.roles().tenants()).await;
    let service = guarded.open("writer").await;
    let theirs = of_tenant("other", "a");
    for append in [of_tenant("acme", "a"), theirs.clone(), of_tenant("acme", "b")] {
        service.append(append).await.unwrap();
    }
    let pool = PgPoolOptions::new().connect_lazy_with(guarded.login("tenant").options([("annals.tenant", "acme")]));
    let acme = PostgresOptions::with_pool(pool.clone()).schema(&guarded.schema.name).open().await.unwrap();

    assert_eq!(positions(&acme).await, [1, 3]);
    let tagged = Filter::from(annals_core::store::Criterion::new().tag(annals_core::Tag::parse("seat:1").unwrap()));
    let page = acme.read_log(ReadLog::new(tagged)).await.unwrap();
    assert_eq!(page.events.iter().map(|event| event.position.get()).collect::<Vec<_>>(), [1, 3]);
    assert!(acme.appended(theirs.id).await.unwrap().is_none(), "whether others have appended something is not told");
    let stream = annals_core::store::ReadStream::forward(theirs.streams[0].stream.clone());
    assert_eq!(acme.read_stream(stream).await.unwrap().events, []);

    acme.append(of_tenant("acme", "a")).await.unwrap();
    let mut both = of_tenant("acme", "c");
    both.streams.extend(of_tenant("other", "c").streams);
    for refused in [of_tenant("other", "a"), both] {
        let Err(AppendError::NotStored(failure)) = acme.append(refused).await else { panic!("it was stored") };
        assert_eq!(failure.kind, FailureKind::NotWritable);
    }
    assert_eq!(positions(&acme).await.len(), 3);
    assert_eq!(positions(&service).await.len(), 4, "the service sees and appends everything");
    service.append(of_tenant("other", "d")).await.unwrap();

    // Without the setting it is nobody's.
    let nobody = guarded.open("tenant").await;
    assert_eq!(positions(&nobody).await, [0; 0]);
    assert!(nobody.append(of_tenant("acme", "e")).await.is_err());
    let tags: BTreeSet<i64> = query(guarded.sql("select position from {schema}.event_tag"))
        .fetch_all(&pool)
        .await
        .unwrap()
        .iter()
        .map(|row| annals_store_postgres::sqlx::Row::get(row, 0))
        .collect();
    assert_eq!(tags.len(), 3);
}

#[test]
fn a_prefix_is_a_word_that_leaves_room() {
    for prefix in ["", "Shop", "a-b", "x\"; drop", &"a".repeat(55)] {
        assert!(matches!(Roles::new("annals", prefix), Err(OpenError::RolePrefix { .. })), "{prefix}");
    }
    assert!(Roles::new("annals", &"a".repeat(54)).is_ok());
    assert!(matches!(Roles::new("An", "shop"), Err(OpenError::SchemaName { .. })));
}

/// Counts events, in a table of its own.
struct Counted(String);

impl PgProjection for Counted {
    fn name(&self) -> annals_core::store::ViewName {
        annals_core::store::ViewName::from_static("counted")
    }

    fn version(&self) -> u32 {
        1
    }

    fn filter(&self) -> Filter {
        Filter::all()
    }

    async fn setup(&self, tx: &mut PgConnection) -> Result<(), PgProjectionError> {
        raw_sql(AssertSqlSafe(format!("create table {}.counted (events integer)", self.0))).execute(tx).await?;
        Ok(())
    }

    async fn apply(&self, _: &mut PgConnection, _: PgBatch<'_>) -> Result<(), PgProjectionError> {
        Ok(())
    }
}

#[tokio::test]
async fn a_writer_keeps_projections_in_a_schema_that_is_its_own() {
    let guarded = Guarded::new().await;
    let tables = Schema::new();
    let store = guarded.open("writer").await;
    let refused = store.projection(Counted(guarded.schema.name.clone())).setup().await;
    assert!(format!("{:?}", refused.unwrap_err()).contains("permission denied for schema"));

    tables.run(&format!("create schema {{schema}} authorization {}_writer_login", guarded.prefix)).await;
    let mut sink = store.projection(Counted(tables.name.clone()));
    sink.setup().await.unwrap();
    assert!(sink.checkpoint().await.unwrap().is_some());
    assert!(store.checkpoint(sink.name(), 1).await.unwrap().is_none());
}
