//! Bringing people, contexts and memberships in: a batch of records is one commit.

use std::sync::Arc;

use doorward_core::Effect;
use doorward_core::admin::Denied;
use doorward_core::admin::last::Loss;
use doorward_core::desired::Problems;
use doorward_core::desired::import::{Batch, Did, Found, MOST_RECORDS, Outcome, Record};
use doorward_core::id::TenantId;
use doorward_core::keys::TenantKeys;
use doorward_crypto::random::SystemRandom;
use doorward_store::{CommitError, Fault};
use serde::{Deserialize, Serialize};

use super::{Manage, Trouble};

/// What became of a record.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Told {
    /// The number of its line, from 1.
    pub line: u64,
    /// What was done.
    pub outcome: Did,
    /// Why it was refused.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<ToldProblem>,
    /// Whether it waits for something that other records may bring about.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub retry: bool,
    /// What the record is about and what the actor lacks, where it was refused for that: for the trail.
    #[serde(skip)]
    pub denied: Option<(String, Denied)>,
}

/// What is wrong with a record, and where.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ToldProblem {
    /// Where, as a JSON pointer (RFC 6901).
    pub pointer: String,
    /// What: a sentence.
    pub detail: String,
}

type Records = Vec<(u64, Result<Record, Problems>)>;

impl Manage {
    /// Carries out the records of a text, one a line (blank ones are nothing), and tells of each. At most [`MOST_RECORDS`]. A dry run
    /// only tells.
    pub async fn import(
        &self,
        tenant: &TenantId,
        text: impl Into<Vec<u8>>,
        dry_run: bool,
    ) -> Result<Vec<Told>, Trouble> {
        let text = text.into();
        let records = Arc::new(self.aside(move |_| read(&text)).await??);
        let directory = self.store.directory();
        let keys = directory.tenant(tenant).map(|entry| Arc::clone(&entry.keys.ring)).unwrap_or_default();
        for _ in 0..ATTEMPTS {
            let readable: Vec<&Record> =
                records.iter().filter_map(|(_, record)| record.as_ref().ok()).collect();
            let decide = async |spares| {
                let found = self.store.found_for(tenant, &readable).await?;
                let (records, tenant, keys) = (Arc::clone(&records), tenant.clone(), Arc::clone(&keys));
                self.aside(move |service| service.decide(&records, &tenant, &keys, (spares, found))).await
            };
            let (mut effects, mut told, loss) = decide(false).await?;
            match self.left_to(&loss).await {
                // First, while all is at the versions that were read.
                Ok(guards) => drop(effects.splice(0..0, guards)),
                // Whoever takes it from the last is refused, and nobody else.
                Err(Trouble::Last(_)) => (effects, told, _) = decide(true).await?,
                Err(trouble) => return Err(trouble),
            }
            if dry_run || effects.is_empty() {
                return Ok(told);
            }
            match self.store.commit(effects).await {
                Ok(()) => return Ok(told),
                Err(CommitError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Trouble::Conflict)
    }

    /// The event of records that the actor may not bring in: one for a batch, which names the first of them.
    pub fn denial_of(&self, home: &TenantId, route: &str, told: &[Told]) -> Option<Effect> {
        let denied: Vec<_> = told.iter().filter_map(|told| told.denied.as_ref()).collect();
        let (_, lacks) = denied.first()?;
        let first: Vec<_> = denied.iter().take(NAMED).map(|(name, _)| name).collect();
        let more = serde_json::json!({ "records": denied.len(), "first": first });
        Some(self.denial(home, route, lacks, more))
    }

    fn decide(
        &self,
        records: &Records,
        tenant: &TenantId,
        keys: &TenantKeys,
        (spares_administrators, found): (bool, Found),
    ) -> (Vec<Effect>, Vec<Told>, Loss) {
        let (lines, records): (Vec<u64>, Vec<_>) = records.iter().cloned().unzip();
        let by = self.by();
        let (actor, rights) = (&by.actor, &by.rights);
        let batch = Batch { tenant, records: &records, actor, rights, keys, spares_administrators };
        let people = found.users.clone();
        let mut rng = SystemRandom;
        let mut decision = batch.decide(found, &mut self.ctx(&mut rng));
        decision.effects.extend(self.told_of(&people, &decision.effects));
        let (outcomes, loss) = match decision.answer {
            Ok(decided) => (decided.outcomes, decided.loss),
            Err(_) => (Vec::new(), Loss::default()),
        };
        let of = lines.into_iter().zip(&records).zip(outcomes);
        let told = of.map(|((line, record), outcome)| told(line, record, outcome)).collect();
        (decision.effects, told, loss)
    }

    /// Work of a batch takes milliseconds: it is done off the threads that serve requests.
    async fn aside<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> T + Send + 'static,
    ) -> Result<T, Fault> {
        let service = self.clone();
        let done = tokio::task::spawn_blocking(move || work(&service));
        done.await.map_err(|_| Fault::new("import", "deciding was interrupted"))
    }
}

fn read(text: &[u8]) -> Result<Records, Trouble> {
    let lines = text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).zip(1u64..);
    let mut records = Records::new();
    for (line, number) in lines.filter(|(line, _)| !line.is_empty()) {
        if records.len() == MOST_RECORDS {
            return Err(Trouble::Malformed(format!("a batch has at most {MOST_RECORDS} records")));
        }
        records.push((number, Record::parse(line)));
    }
    Ok(records)
}

fn told(line: u64, record: &Result<Record, Problems>, outcome: Outcome) -> Told {
    let problem = |problem: doorward_core::desired::Problem| ToldProblem {
        pointer: problem.pointer(),
        detail: problem.what,
    };
    Told {
        line,
        outcome: outcome.did,
        problems: outcome.problems.0.into_iter().map(problem).collect(),
        retry: outcome.may_yet,
        denied: record.as_ref().ok().zip(outcome.denied).map(|(record, denied)| (record.name(), denied)),
    }
}

const ATTEMPTS: usize = 3;
/// Records that the event of a denied batch names.
const NAMED: usize = 10;
