//! How a database would answer a statement: each way into a table, and whether what comes is sorted.

use super::filled;
use crate::cluster;
use crate::world::World;
use diesel::prelude::*;
use diesel::sql_types::Text;

/// What a statement's plan does.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    pub accesses: Vec<Access>,
    pub sorts: bool,
    /// In the database's own words.
    pub steps: Vec<String>,
}

/// A way into a table, or into what the statement calls by that name.
#[derive(Debug, Clone, Default)]
pub struct Access {
    pub table: String,
    pub index: Option<String>,
    /// What the index is asked for, as the database says it.
    pub condition: String,
    /// What rows are asked once they are read; SQLite does not say.
    pub filter: Option<String>,
}

#[derive(QueryableByName)]
struct Step {
    #[diesel(sql_type = Text)]
    detail: String,
}

/// The plans that a database has for each statement; it is enough that one is good. SQLite has one.
pub fn plans(world: &World, statements: &[&str]) -> Vec<Vec<Plan>> {
    if world.is_postgres() {
        filled::fill(world);
        let ways: Vec<Vec<Plan>> = WAYS
            .iter()
            .map(|way| postgres(world, way, statements))
            .collect();
        return (0..statements.len())
            .map(|number| ways.iter().map(|plans| plans[number].clone()).collect())
            .collect();
    }
    let path = world.url.strip_prefix("sqlite://").unwrap();
    let connection = &mut SqliteConnection::establish(path).unwrap();
    let mut plan = |sql: &&str| {
        let steps: Vec<Step> = diesel::sql_query(format!("EXPLAIN QUERY PLAN {sql}"))
            .load(connection)
            .unwrap_or_else(|error| panic!("{error}: {sql}"));
        vec![of_sqlite(
            sql,
            steps.into_iter().map(|step| step.detail).collect(),
        )]
    };
    statements.iter().map(&mut plan).collect()
}

fn of_sqlite(sql: &str, steps: Vec<String>) -> Plan {
    let accesses = steps.iter().filter_map(|step| {
        let mut words = step.split(' ');
        let is_search = match words.next()? {
            "SEARCH" => true,
            "SCAN" => false,
            _ => return None,
        };
        let table = words.next()?.to_owned();
        let using = step.split_once(" USING ").map(|(_, using)| using);
        let (index, condition) = using.map_or((None, ""), |using| {
            using
                .split_once(" (")
                .map_or((Some(using), ""), |(index, condition)| {
                    (Some(index), condition.trim_end_matches(')'))
                })
        });
        let index = index.map(|index| index.rsplit(' ').next().unwrap_or(index).to_owned());
        // The smallest or largest of all is looked for without a condition.
        let condition = if is_search && condition.is_empty() && !sql.contains(" WHERE ") {
            "one"
        } else {
            condition
        };
        Some(Access {
            table,
            index,
            condition: condition.to_owned(),
            filter: None,
        })
    });
    Plan {
        accesses: accesses.collect(),
        sorts: steps.iter().any(|step| step.starts_with("USE TEMP B-TREE")),
        steps,
    }
}

/// The tables are too small for PostgreSQL to plan as it does with large ones. It is shown what there is
/// no index for in one of these ways: by order, by sorting what an index finds, by joining several indexes.
const WAYS: [&str; 3] = [
    "SET enable_sort = off; SET enable_bitmapscan = off;",
    "SET enable_bitmapscan = off;",
    "",
];
const LARGE: &str = "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; SET enable_hashjoin = off; \
     SET enable_mergejoin = off; SET enable_hashagg = off;";
/// Between two plans.
const END: &str = "end of plan";

fn postgres(world: &World, way: &str, statements: &[&str]) -> Vec<Plan> {
    let mut script = format!("{LARGE} {way}");
    for (number, sql) in statements.iter().enumerate() {
        script.push_str(&explained(number, sql));
    }
    let printed = cluster::shared().run_sql(&world.url, &script).unwrap();
    let of_each = printed.split(END).take(statements.len());
    let plans: Vec<Plan> = of_each
        .map(|lines| of_postgres(lines.lines().map(str::to_owned).collect()))
        .collect();
    assert_eq!(plans.len(), statements.len());
    plans
}

/// What inserts what it selects cannot be prepared here, where no types are known; SQLite shows its plan.
fn explained(number: usize, sql: &str) -> String {
    let end = format!("SELECT '{END}';");
    if sql.starts_with("INSERT") || sql.starts_with("WITH") {
        return end;
    }
    let values = (1..)
        .take_while(|value| sql.contains(&format!("${value}")))
        .count();
    // What is looked up by a list are ids.
    let sql = (1..=values).fold(sql.to_owned(), |sql, value| {
        let list = format!("unnest(${value})");
        sql.replace(&list, &format!("unnest(${value}::text[])"))
    });
    let name = format!("asked_{number}");
    let of_nulls = match vec!["NULL"; values].join(", ") {
        none if none.is_empty() => none,
        nulls => format!("({nulls})"),
    };
    format!("PREPARE {name} AS {sql}; EXPLAIN (COSTS OFF) EXECUTE {name}{of_nulls}; {end}")
}

fn of_postgres(steps: Vec<String>) -> Plan {
    let mut plan = Plan::default();
    for step in &steps {
        let words = step.trim_start_matches([' ', '-', '>']);
        if words.starts_with("Sort") && !words.starts_with("Sort Key")
            || words.starts_with("Incremental Sort")
        {
            plan.sorts = true;
        }
        let detail = |name: &str| words.strip_prefix(name).map(str::to_owned);
        if let Some((how, on)) = words
            .split_once(" on ")
            .filter(|(how, _)| how.contains("Scan"))
        {
            if how.starts_with("Bitmap Index Scan") {
                continue;
            }
            let index = how.split_once(" using ").map(|(_, index)| index.to_owned());
            let named = on.split(' ').next().unwrap_or(on).to_owned();
            plan.accesses.push(Access {
                table: named,
                index,
                ..Access::default()
            });
        } else if let Some(access) = plan.accesses.last_mut() {
            if let Some(condition) = detail("Index Cond: ").or_else(|| detail("Recheck Cond: ")) {
                access.condition = condition;
            } else if let Some(filter) = detail("Filter: ") {
                access.filter = Some(filter);
            }
        }
    }
    plan.steps = steps;
    plan
}
