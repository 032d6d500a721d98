//! Sending by a mail server (RFC 5321), over TLS unless it is on this machine.

use std::time::Duration;

use doorward_crypto::secret::SecretString;
use lettre::message::{Mailbox, MultiPart, header};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};

use super::{Letter, Unsent};

/// How the connection is secured.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum SmtpTls {
    /// In the clear, then TLS before anything else (RFC 3207).
    #[default]
    StartTls,
    /// TLS from the first byte (RFC 8314).
    Tls,
    /// Not at all: for a server on this machine.
    None,
}

/// Where mails are handed over.
#[derive(Clone, Debug)]
pub struct SmtpSettings {
    /// Host name.
    pub host: String,
    /// Port.
    pub port: u16,
    /// How it is secured.
    pub tls: SmtpTls,
    /// User name and password.
    pub login: Option<(String, SecretString)>,
    /// Whom mails are from, where a tenant does not say.
    pub from: String,
}

/// A mail server.
pub struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: String,
}

impl Smtp {
    /// One by its settings; the sentence of an error is for the operator.
    pub fn new(settings: &SmtpSettings) -> Result<Self, String> {
        check_mailbox(&settings.from).map_err(|what| format!("mail.from {what}"))?;
        let tls =
            |host: &str| TlsParameters::new(host.to_owned()).map_err(|error| format!("mail.host: {error}"));
        let tls = match settings.tls {
            SmtpTls::StartTls => Tls::Required(tls(&settings.host)?),
            SmtpTls::Tls => Tls::Wrapper(tls(&settings.host)?),
            SmtpTls::None => Tls::None,
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&settings.host)
            .port(settings.port)
            .tls(tls)
            .timeout(Some(TIMEOUT));
        if let Some((user, password)) = &settings.login {
            builder = builder.credentials(Credentials::new(user.clone(), password.expose().clone()));
        }
        Ok(Self { transport: builder.build(), from: settings.from.clone() })
    }

    /// Whom mails are from.
    pub fn from(&self) -> &str {
        &self.from
    }

    /// Hands a mail over.
    pub async fn send(&self, letter: &Letter) -> Result<(), Unsent> {
        let message = message(letter)?;
        let sent = tokio::time::timeout(TIMEOUT * 2, self.transport.send(message)).await;
        match sent {
            Ok(Ok(_)) => Ok(()),
            // What the server refuses for good is not tried again; everything else is.
            Ok(Err(error)) if error.is_permanent() => Err(Unsent::Never(error.to_string())),
            Ok(Err(error)) => Err(Unsent::NotNow(error.to_string())),
            Err(_) => Err(Unsent::NotNow("the mail server did not answer in time".to_owned())),
        }
    }
}

/// A mail as it travels (RFC 5322). Everything in a header is parsed or encoded by the library: a line end cannot get in.
pub fn message(letter: &Letter) -> Result<Message, Unsent> {
    let mailbox = |text: &str| {
        text.parse::<Mailbox>().map_err(|error| Unsent::Never(format!("an address is none: {error}")))
    };
    let to = Mailbox::new(None, letter.to.parse().map_err(|error| Unsent::Never(format!("{error}")))?);
    let from = mailbox(&letter.from)?;
    // The same at every attempt, so that a mail that was taken twice is known for one.
    let message_id = format!("<{}@{}>", letter.id, from.email.domain());
    let mut builder = Message::builder()
        .from(from)
        .to(to)
        .subject(letter.subject.as_str())
        // Who is away does not answer this (RFC 3834).
        .header(AutoSubmitted)
        .message_id(Some(message_id));
    if let Some(reply_to) = &letter.reply_to {
        builder = builder.reply_to(mailbox(reply_to)?);
    }
    builder
        .multipart(MultiPart::alternative_plain_html(letter.text.clone(), letter.html.clone()))
        .map_err(|error| Unsent::Never(error.to_string()))
}

/// Whether a text is a mailbox such as `Doorward <no-reply@example.com>`.
pub fn check_mailbox(text: &str) -> Result<(), String> {
    text.parse::<Mailbox>()
        .map(drop)
        .map_err(|error| format!("must be a mailbox such as 'Name <no-reply@example.com>': {error}"))
}

#[derive(Clone)]
struct AutoSubmitted;

impl header::Header for AutoSubmitted {
    fn name() -> header::HeaderName {
        header::HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> header::HeaderValue {
        header::HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

impl std::fmt::Debug for Smtp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Smtp").field("from", &self.from).finish_non_exhaustive()
    }
}

/// The longest that one step of a conversation may take.
const TIMEOUT: Duration = Duration::from_secs(20);

#[cfg(test)]
mod tests {
    use super::*;

    fn letter() -> Letter {
        Letter {
            id: "1".to_owned(),
            kind: "password_reset",
            from: "Doorward <no-reply@id.example>".to_owned(),
            reply_to: Some("help@id.example".to_owned()),
            to: "alice@example.com".to_owned(),
            subject: "Über\u{a0}alles".to_owned(),
            text: "Hello\n".to_owned(),
            html: "<p>Hello</p>\n".to_owned(),
            link: None,
        }
    }

    #[test]
    fn a_mail_has_both_texts_and_is_no_answer_machines_business() {
        let message = String::from_utf8(message(&letter()).unwrap().formatted()).unwrap();
        for line in ["To: alice@example.com", "Reply-To: help@id.example", "Auto-Submitted: auto-generated"] {
            assert!(message.contains(line), "{message}");
        }
        assert!(message.contains("text/plain") && message.contains("text/html"));
    }

    #[test]
    fn a_line_end_never_gets_into_a_header() {
        for to in
            ["a@x.example\r\nBcc: evil@x.example", "a@x.example%0d%0aBcc: evil", "a@x.example, b@x.example"]
        {
            let letter = Letter { to: to.to_owned(), ..letter() };
            assert!(matches!(message(&letter), Err(Unsent::Never(_))), "{to}");
        }
        let subject = Letter { subject: "x\r\nBcc: evil@x.example".to_owned(), ..letter() };
        let message = String::from_utf8(message(&subject).unwrap().formatted()).unwrap();
        assert!(!message.contains("\r\nBcc:"), "{message}");
    }
}
