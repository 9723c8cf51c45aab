//! What a database says of its own schema, in words that are the same on both engines.

use std::fs;

use palier_tests::workspace;

use crate::sql::Sql;

/// A line for each column, key and index, sorted.
pub(super) fn catalog(sql: &mut Sql) -> Vec<String> {
    let queries: &[&str] = match sql {
        Sql::Sqlite(_) => &SQLITE,
        Sql::Postgres(_) => &POSTGRES,
    };
    let mut lines: Vec<_> = queries.iter().flat_map(|query| sql.lines(query)).collect();
    lines.retain(|line| !line.contains(" __"));
    for line in &mut lines {
        *line = line.replace(" blob", " bytea").replace("'::text", "'");
    }
    lines.sort_unstable();
    lines
}

const SQLITE: [&str; 4] = [
    "SELECT 'column ' || t.name || '.' || c.name || ' ' || lower(c.type) \
        || iif(c.\"notnull\", ' not null', '') || ifnull(' default ' || c.dflt_value, '') AS line \
     FROM sqlite_master t, pragma_table_info(t.name) c WHERE t.type = 'table' \
     AND t.name NOT LIKE 'sqlite_%'",
    "SELECT 'primary key ' || name || '(' || group_concat(column, ',') || ')' AS line FROM (\
        SELECT t.name, c.name AS column FROM sqlite_master t, pragma_table_info(t.name) c \
        WHERE t.type = 'table' AND c.pk > 0 ORDER BY t.name, c.pk) GROUP BY name",
    "SELECT kind || ' ' || name || '(' || group_concat(column, ',') || ')' || part AS line FROM (\
        SELECT t.name, i.name AS idx, iif(i.\"unique\", 'unique', 'index') AS kind, \
            iif(i.partial, ' partial', '') AS part, c.name AS column \
        FROM sqlite_master t, pragma_index_list(t.name) i, pragma_index_info(i.name) c \
        WHERE t.type = 'table' AND i.origin <> 'pk' ORDER BY i.name, c.seqno) \
     GROUP BY name, idx, kind, part",
    "SELECT 'foreign key ' || name || '(' || group_concat(source, ',') || ') → ' || target || '(' \
        || group_concat(dest, ',') || ')' || iif(act = 'NO ACTION', '', ' ' || lower(act)) AS line \
     FROM (SELECT t.name, f.id, f.\"table\" AS target, f.\"from\" AS source, f.\"to\" AS dest, \
            f.on_delete AS act \
        FROM sqlite_master t, pragma_foreign_key_list(t.name) f WHERE t.type = 'table' \
        ORDER BY t.name, f.id, f.seq) GROUP BY name, id, target, act",
];

const POSTGRES: [&str; 3] = [
    "SELECT 'column ' || table_name || '.' || column_name || ' ' || data_type \
        || CASE is_nullable WHEN 'NO' THEN ' not null' ELSE '' END \
        || coalesce(' default ' || column_default, '') AS line \
     FROM information_schema.columns WHERE table_schema = 'public' AND NOT (SELECT relispartition \
        FROM pg_class WHERE oid = (table_schema || '.' || table_name)::regclass)",
    "SELECT CASE WHEN i.indisprimary THEN 'primary key' WHEN i.indisunique THEN 'unique' \
            ELSE 'index' END || ' ' || t.relname || '(' || (\
        SELECT string_agg(a.attname, ',' ORDER BY k.place) \
        FROM unnest(i.indkey) WITH ORDINALITY k(number, place) \
        JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.number) || ')' \
        || CASE WHEN i.indpred IS NULL THEN '' ELSE ' partial' END AS line \
     FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid \
     WHERE t.relnamespace = 'public'::regnamespace AND NOT t.relispartition",
    "SELECT 'foreign key ' || s.relname || '(' || (\
        SELECT string_agg(a.attname, ',' ORDER BY k.place) \
        FROM unnest(c.conkey) WITH ORDINALITY k(number, place) \
        JOIN pg_attribute a ON a.attrelid = s.oid AND a.attnum = k.number) || ') → ' || d.relname \
        || '(' || (SELECT string_agg(a.attname, ',' ORDER BY k.place) \
        FROM unnest(c.confkey) WITH ORDINALITY k(number, place) \
        JOIN pg_attribute a ON a.attrelid = d.oid AND a.attnum = k.number) || ')' \
        || CASE c.confdeltype WHEN 'a' THEN '' WHEN 'c' THEN ' cascade' ELSE ' other' END AS line \
     FROM pg_constraint c JOIN pg_class s ON s.oid = c.conrelid \
     JOIN pg_class d ON d.oid = c.confrelid WHERE c.contype = 'f'",
];

/// The columns as the program has them, in `api/src/db/schema.rs`.
pub(super) fn of_the_program() -> Vec<String> {
    let source = fs::read_to_string(workspace().join("api/src/db/schema.rs")).unwrap();
    let mut lines = Vec::new();
    for table in source.split("table! {").skip(1) {
        let (head, rest) = table.split_once('{').unwrap();
        let name = head.trim().split(' ').next().unwrap();
        for line in rest.split('}').next().unwrap().lines() {
            let Some((column, kind)) = line.trim().trim_end_matches(',').split_once(" -> ") else {
                continue;
            };
            let inner = kind.strip_prefix("Nullable<").and_then(|it| it.strip_suffix('>'));
            let kind = match inner.unwrap_or(kind) {
                "Text" => "text",
                "BigInt" => "bigint",
                "Integer" => "integer",
                "Bool" => "boolean",
                "Binary" => "bytea",
                other => panic!("{name}.{column}: {other}"),
            };
            let null = if inner.is_some() { "" } else { " not null" };
            lines.push(format!("column {name}.{column} {kind}{null}"));
        }
    }
    lines
}
