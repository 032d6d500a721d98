//! What extensions heard while the server was killed, and the rules that it is held to beside what they pull and what was acknowledged to
//! who administers.

use std::collections::{BTreeMap, HashMap};

use doorward_tests::sink::{Heard, Sink};
use serde_json::Value;

/// How often something was acknowledged of an installation, and how often it may have been done.
pub type Acknowledged = BTreeMap<String, BTreeMap<&'static str, (usize, usize)>>;

/// What happened, as an extension pulls it.
pub struct Event {
    /// Of which installation.
    of: String,
    number: i64,
    kind: String,
}

impl Event {
    /// As it is pulled, and as it is told.
    pub fn read(body: &Value) -> Self {
        let text =
            |name: &str| body[name].as_str().unwrap_or_else(|| panic!("no {name} in {body}")).to_owned();
        Self {
            of: text("installation"),
            number: body["number"].as_i64().expect("a number"),
            kind: text("kind"),
        }
    }
}

/// What the extensions heard, in order, and what they answered.
pub struct History {
    /// Each with its id, and whether it was acknowledged.
    pub letters: Vec<(Event, String, bool)>,
}

impl History {
    /// All of the sink, which answers by a program.
    pub fn of(sink: &Sink, program: &[u16]) -> Self {
        let heard = sink.heard();
        let letters = heard.iter().zip(program.iter().chain(std::iter::repeat(&204)));
        let read = |(heard, answer): (&Heard, &u16)| {
            (Event::read(&heard.json()), heard.header("webhook-id").to_owned(), *answer == 204)
        };
        Self { letters: letters.map(read).collect() }
    }

    fn is_acknowledged(&self, of: &str, number: i64) -> bool {
        self.letters.iter().any(|(event, _, is_good)| *is_good && event.of == of && event.number == number)
    }

    /// Where each event was heard first.
    pub fn first_heard(&self) -> HashMap<(&str, i64), usize> {
        let mut first = HashMap::new();
        for (at, (event, ..)) in self.letters.iter().enumerate() {
            first.entry((event.of.as_str(), event.number)).or_insert(at);
        }
        first
    }

    /// What should not have happened, beside what is pulled and what was acknowledged; `marks`: what had been heard after each kill.
    pub fn violations(&self, pulled: &[Event], acknowledged: &Acknowledged, marks: &[usize]) -> Vec<String> {
        let mut wrong = Vec::new();
        let happened: HashMap<(&str, i64), &Event> =
            pulled.iter().map(|event| ((event.of.as_str(), event.number), event)).collect();
        let is_removed = |of: &str| pulled.iter().any(|event| event.of == of && event.kind == "Removed");
        // What was answered well is there, and nothing that nobody asked for.
        for (of, kinds) in acknowledged {
            for kind in ["Added", "Updated", "SecretRotated", "Removed"] {
                let (done, unknown) = kinds.get(kind).copied().unwrap_or_default();
                let found = pulled.iter().filter(|event| event.of == *of && event.kind == kind).count();
                if !(done..=done + unknown).contains(&found) {
                    wrong.push(format!(
                        "{of} {kind}: {found} events of {done} changes, and {unknown} unknown ones"
                    ));
                }
            }
        }
        // All of it is told; of what is removed, at least that.
        for event in pulled {
            let must = event.kind == "Removed" || !is_removed(&event.of);
            if must && !self.is_acknowledged(&event.of, event.number) {
                wrong.push(format!("{} {} {}: never told", event.of, event.number, event.kind));
            }
        }
        let mut ids: HashMap<&str, (&str, i64)> = HashMap::new();
        let mut named: HashMap<(&str, i64), &str> = HashMap::new();
        let mut taken: HashMap<(&str, i64), usize> = HashMap::new();
        let mut gone: HashMap<&str, usize> = HashMap::new();
        for (at, (event, id, is_good)) in self.letters.iter().enumerate() {
            let key = (event.of.as_str(), event.number);
            let mut say = |what: &str| {
                wrong.push(format!("request {at}, {} {} {}: {what}", event.of, event.number, event.kind))
            };
            if happened.get(&key).is_none_or(|known| known.kind != event.kind) {
                say("it did not happen");
            }
            if *ids.entry(id).or_insert(key) != key || *named.entry(key).or_insert(id) != id.as_str() {
                say("an id is an event's");
            }
            if taken
                .get(&key)
                .is_some_and(|before| !marks.iter().any(|mark| (*before + 1..=at).contains(mark)))
            {
                say("told again, though it was acknowledged and nobody died");
            }
            if event.kind != "Removed" {
                let is_next = event.number == 1 || taken.contains_key(&(key.0, event.number - 1));
                if !is_next || named.contains_key(&(key.0, event.number + 1)) {
                    say("out of order");
                }
                if gone.contains_key(key.0) {
                    say("told after it was removed");
                }
            } else {
                gone.entry(key.0).or_insert(at);
            }
            if *is_good {
                taken.entry(key).or_insert(at);
            }
        }
        wrong
    }
}
