//! Extensions are told of it: what they hear, and what they answer.

use std::collections::HashMap;

use doorward_tests::sink::{Answer, Heard};
use doorward_web::webhook::worker::{Delivering, deliver_due};
use serde_json::{Value, json};

use super::line::Letter;
use super::{EXTENSIONS, Run};

impl Run {
    /// One turn. Every line has an answer of its own, so that it does not matter who comes first.
    pub(super) async fn deliver(&mut self) {
        let answers = self.answers();
        self.sink.answer_at(answers);
        deliver_due(&self.app.app).await.expect("it can be delivered");
        self.hear(true);
    }

    /// One turn in which the server dies between the answers and their commits, or before there are answers.
    pub(super) async fn deliver_and_die(&mut self) {
        let answers = self.answers();
        self.sink.answer_at(answers);
        self.sink.hold(true);
        let mut delivering = Delivering::default();
        let mut under_way = delivering.turn(&self.app.app).await.expect("it can be claimed");
        while self.sink.heard().len() < under_way {
            tokio::select! {
                biased;
                Some(ended) = delivering.one() => {
                    ended.expect("nothing was told");
                    under_way -= 1;
                }
                () = tokio::task::yield_now() => {}
            }
        }
        let is_answered = self.chance.below(3) > 0;
        if is_answered {
            self.app.fail_writes(true).await;
            self.sink.hold(false);
            while let Some(ended) = delivering.one().await {
                self.check(ended.is_err(), "what became of it cannot be written down");
            }
            self.app.fail_writes(false).await;
        }
        drop(delivering);
        self.sink.hold(false);
        self.hear(false);
        self.kill().await;
    }

    /// What each installation that may hear of something will answer.
    fn answers(&mut self) -> HashMap<String, Answer> {
        let answer = |number| match number {
            0 => Answer::status(500),
            1 => Answer::Close,
            2 => Answer::with(503, "Retry-After: 1"),
            3 => Answer::Raw(b"HTTP/1.1 20".to_vec()),
            4 => Answer::status(410),
            _ => Answer::status(204),
        };
        (0..self.model.installations.len())
            .map(|at| (self.target(at), answer(self.chance.below(14))))
            .collect()
    }

    fn target(&self, at: usize) -> String {
        let one = &self.model.installations[at];
        format!("/{}/{}", EXTENSIONS[one.extension], one.id)
    }

    /// What was heard is as the model says.
    fn hear(&mut self, is_recorded: bool) -> usize {
        let heard = self.sink.take();
        for heard in &heard {
            self.hear_one(heard, is_recorded);
        }
        heard.len()
    }

    #[track_caller]
    fn hear_one(&mut self, heard: &Heard, is_recorded: bool) {
        let body = heard.json();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let id = text(&body["installation"]);
        let letter = Letter {
            number: body["number"]
                .as_u64()
                .and_then(|number| usize::try_from(number).ok())
                .unwrap_or_default(),
            kind: text(&body["kind"]),
            state: text(&body["state"]),
            writes: body["scopes"].as_array().is_some_and(|scopes| scopes.contains(&json!("rs1:write"))),
            webhook_id: heard.header("webhook-id").to_owned(),
            secret: body["secret"].as_str().map(str::to_owned),
            says_delivered: body["secret_already_delivered"] == true,
            answer: match heard.answer {
                Answer::Status(status, ..) => Some(status),
                Answer::Raw(_) | Answer::Close | Answer::Hang => None,
            },
        };
        self.summary.heard += 1;
        self.log.push(format!(
            "heard {id} {} {} {:?}, recorded: {is_recorded}",
            letter.number, letter.kind, letter.answer
        ));
        let at = self.model.installations.iter().position(|one| one.id == id);
        self.check(at.is_some(), &format!("nobody made {id}: {body}"));
        let Some(at) = at else { return };
        let place = self.model.places[self.model.installations[at].place].name;
        let named = format!("{}/{}", text(&body["context"]["kind"]), text(&body["context"]["id"]));
        self.check(named == place && heard.target == self.target(at), &format!("{id} is elsewhere: {body}"));
        let is_stopped = self.model.extensions[self.model.installations[at].extension].is_suspended;
        self.check(!is_stopped, &format!("its extension is stopped: {body}"));
        let is_taken = self.model.is_named(&letter.webhook_id, (at, letter.number));
        self.check(!is_taken, &format!("two things are told under one id: {body}"));
        let now = self.model.now;
        let one = &mut self.model.installations[at];
        let right = one.line.hear(&letter, &mut one.secrets, is_recorded, now);
        self.check(right.is_ok(), &format!("installation {at}, {letter:?}: {right:?}"));
    }

    /// A line that was stopped goes on.
    pub(super) async fn resume_line(&mut self) {
        let paused: Vec<usize> = (0..self.model.installations.len())
            .filter(|at| self.model.installations[*at].line.is_paused)
            .collect();
        if paused.is_empty() {
            return;
        }
        let at = *self.chance.pick(&paused);
        self.resume(at).await;
    }

    /// A line is stopped, something that waits is passed over, or something is told again.
    pub(super) async fn attend_line(&mut self) {
        let Some(at) = self.installation() else { return };
        let number = 1 + self.chance.below(self.model.installations[at].line.news.len());
        let act = self
            .chance
            .pick(&["pause".to_owned(), format!("{number}/skip"), format!("{number}/resend")])
            .clone();
        let path = format!("/installations/{}/webhooks/{act}", self.model.installations[at].id);
        let Some(reply) = self.change("POST", &path, json!({})).await else { return };
        let one = &mut self.model.installations[at];
        let does = match act.as_str() {
            "pause" => {
                one.line.is_paused = true;
                true
            }
            act if act.ends_with("skip") => one.line.skip(number),
            _ => one.line.resend(number),
        };
        self.check((reply.status == 204) == does, &format!("{act} of installation {at}: {}", reply.body));
    }

    async fn resume(&mut self, at: usize) {
        let path = format!("/installations/{}/webhooks/resume", self.model.installations[at].id);
        let Some(resumed) = self.change("POST", &path, Value::Null).await else { return };
        self.check(resumed.status == 204, &resumed.body);
        self.model.installations[at].line.is_paused = false;
    }

    /// Nothing hinders anything any more: everything is told, and then nothing.
    pub(super) async fn tell_everything(&mut self) {
        self.follow().await;
        for (extension, id) in EXTENSIONS.iter().enumerate() {
            while self.model.extensions[extension].is_suspended {
                let path = format!("/extensions/{id}/resume");
                if self.change("POST", &path, Value::Null).await.is_some() {
                    self.model.suspend_extension(extension, false);
                }
            }
        }
        for at in 0..self.model.installations.len() {
            while self.model.installations[at].line.is_paused {
                self.resume(at).await;
            }
        }
        self.kill().await;
        self.sink.answer_at(HashMap::new());
        loop {
            self.wait(3601);
            deliver_due(&self.app.app).await.expect("it can be delivered");
            if self.hear(true) == 0 {
                break;
            }
        }
        for at in 0..self.model.installations.len() {
            let is_told = !self.model.installations[at].line.waits();
            self.check(is_told, &format!("installation {at} was not told everything"));
        }
    }
}
