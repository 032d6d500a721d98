//! Carrying out an order: by the running server when there is one, else by opening the store.

use doorward_store::lock::LockError;
use doorward_store::{OpenError, Store};

use super::opening::{data_folder, must_be_there, store_config};
use crate::cli::{Common, Output, StoreFlags};
use crate::failure::Failure;
use crate::operator::{Answer, Operator, Order};
use crate::report::{self, lost::Lost};
use crate::settings::{DatabaseSetting, Resolved, Settings, Sources};
use crate::{logs, output, socket};

/// The settings of a command.
pub fn settings(flags: &StoreFlags) -> Result<Settings, Failure> {
    let sources = Sources::of_process(flags.0.config.as_deref(), flags.0.settings.clone())?;
    Settings::of(&Resolved::of(&sources)?)
}

/// Carries out an order and prints its answer.
pub async fn ask(common: &Common, order: Order) -> Result<(), Failure> {
    let answer = answer(common, order).await?;
    show(&answer, common.output)
}

/// Prints an answer.
pub fn show(answer: &Answer, format: Output) -> Result<(), Failure> {
    let text = match format {
        Output::Json => report::answer::json(answer)?,
        Output::Text => report::answer::text(answer),
    };
    match report::lost::of(answer) {
        Lost::Nothing => output::print(&text),
        Lost::Report => output::print_done(&text),
        Lost::Secret(what_to_do) => output::print_once(&text, &what_to_do),
    }
}

/// Carries out an order.
pub async fn answer(common: &Common, order: Order) -> Result<Answer, Failure> {
    answer_with(&settings(&common.flags)?, order).await
}

/// Carries out an order with those settings.
pub async fn answer_with(settings: &Settings, order: Order) -> Result<Answer, Failure> {
    Door::of(settings).ask(order).await
}

/// The way to whoever carries out orders: the running server, or the store, which is opened once when there is none.
pub struct Door<'a> {
    settings: &'a Settings,
    operator: Option<Operator>,
}

impl<'a> Door<'a> {
    /// With those settings. Nothing is opened yet.
    pub const fn of(settings: &'a Settings) -> Self {
        Self { settings, operator: None }
    }

    /// Carries out an order.
    pub async fn ask(&mut self, order: Order) -> Result<Answer, Failure> {
        if let Some(operator) = &self.operator {
            return operator.run(order).await;
        }
        if let Some(answer) = socket::client::send(&self.settings.socket(), &order).await {
            return answer;
        }
        let operator = Operator::new(open(self.settings, &order).await?, self.settings.mail.is_some())
            .asking_for(self.settings.password_min_length);
        self.operator.insert(operator).run(order).await
    }
}

async fn open(settings: &Settings, order: &Order) -> Result<Store, Failure> {
    logs::start("auto", "error")?;
    let makes = matches!(order, Order::Apply { dry_run: false, .. });
    if let DatabaseSetting::Sqlite(path) = &settings.database {
        if makes {
            data_folder(&settings.data)?;
        } else {
            must_be_there(path)?;
        }
    }
    Store::open(store_config(settings, makes)).await.map_err(|error| {
        let is_locked = matches!(error, OpenError::Locked(LockError::Held { .. }));
        let failure = Failure::from(error);
        if is_locked {
            failure.hint(format!(
                "it does not answer at {}: is this the data folder of the running server, and are you its user?",
                settings.socket().display()
            ))
        } else {
            failure
        }
    })
}
