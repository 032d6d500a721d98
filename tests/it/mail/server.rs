//! A mail server that is down, slow, or refuses: nobody who signs in notices, and mails are tried again.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use doorward_core::model::{Mail, MailKind};
use doorward_core::{Ctx, Effect};
use doorward_crypto::random::SystemRandom;
use doorward_tests::{ALICE, BOB, Page, T1, TestApp};
use doorward_web::mail::smtp::{Smtp, SmtpSettings, SmtpTls};
use doorward_web::mail::worker::Sending;
use doorward_web::mail::{Mailer, worker};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// How the server answers `RCPT TO`, and whether it answers at all.
#[derive(Clone, Copy)]
enum Manner {
    Rcpt(&'static str),
    Silent,
    /// Says nothing any more to a mail for this address.
    SilentFor(&'static str),
}

/// A mail server for tests, and how many mails it took.
async fn server(manner: Manner) -> (u16, Arc<AtomicUsize>, Arc<tokio::sync::Mutex<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let (took, heard) = (Arc::new(AtomicUsize::new(0)), Arc::new(tokio::sync::Mutex::new(String::new())));
    let (count, ear) = (Arc::clone(&took), Arc::clone(&heard));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(converse(stream, manner, Arc::clone(&count), Arc::clone(&ear)));
        }
    });
    (port, took, heard)
}

async fn converse(
    stream: TcpStream,
    manner: Manner,
    took: Arc<AtomicUsize>,
    heard: Arc<tokio::sync::Mutex<String>>,
) -> std::io::Result<()> {
    let (reading, mut writing) = stream.into_split();
    let mut lines = BufReader::new(reading).lines();
    let (rcpt, silent_for) = match manner {
        Manner::Rcpt(rcpt) => (rcpt, None),
        Manner::SilentFor(whom) => ("250 fine", Some(whom)),
        Manner::Silent => {
            // It never says anything.
            while lines.next_line().await?.is_some() {}
            return Ok(());
        }
    };
    writing.write_all(b"220 test\r\n").await?;
    let mut in_data = false;
    while let Some(line) = lines.next_line().await? {
        heard.lock().await.push_str(&format!("{line}\n"));
        let answer = match line.split(' ').next().unwrap_or_default() {
            "." if in_data => {
                in_data = false;
                took.fetch_add(1, Ordering::SeqCst);
                "250 taken"
            }
            _ if in_data => continue,
            "RCPT" if silent_for.is_some_and(|whom| line.contains(whom)) => continue,
            "EHLO" => "250 test",
            "RCPT" => rcpt,
            "DATA" => {
                in_data = true;
                "354 go on"
            }
            "QUIT" => "221 bye",
            _ => "250 fine",
        };
        writing.write_all(format!("{answer}\r\n").as_bytes()).await?;
    }
    Ok(())
}

/// A world whose mails go to that port, with one mail in the outbox.
async fn world(port: u16) -> TestApp {
    let settings = SmtpSettings {
        host: "127.0.0.1".to_owned(),
        port,
        tls: SmtpTls::None,
        login: None,
        from: "Doorward <no-reply@id.example>".to_owned(),
    };
    let mailer = Mailer::Smtp(Arc::new(Smtp::new(&settings).expect("settings")));
    let app = TestApp::mailing(mailer).await;
    ask(&app, ALICE).await;
    app
}

async fn ask(app: &TestApp, name: &str) {
    let browser = app.browser();
    let page = Page::of(browser.get("/forgot-password").await);
    assert_eq!(browser.submit(&page, &[("username", name)]).await.status, 200);
}

async fn turn(app: &TestApp, sending: &mut Sending) -> usize {
    let turn = tokio::time::timeout(Duration::from_secs(10), sending.turn(&app.app)).await;
    turn.expect("it waits for no mail server").expect("the outbox works")
}

async fn round(app: &TestApp) {
    while worker::send_due(&app.app).await.expect("the outbox works") > 0 {}
}

/// What was asked for is answered, and the mail that it leads to waits.
async fn round_of_requests(app: &TestApp) {
    assert_eq!(worker::send_due(&app.app).await.expect("the outbox works"), 1);
    assert_eq!(app.rows("outbox").await, 1);
}

async fn failures(app: &TestApp) -> usize {
    app.events().await.iter().filter(|event| event.kind.as_str() == "mail.failed").count()
}

#[tokio::test]
async fn a_mail_arrives_whole() {
    let (port, took, heard) = server(Manner::Rcpt("250 fine")).await;
    let app = world(port).await;
    round(&app).await;
    assert_eq!(took.load(Ordering::SeqCst), 1);
    let heard = heard.lock().await.clone();
    for part in
        ["MAIL FROM:<no-reply@id.example>", "RCPT TO:<alice@example.com>", "Auto-Submitted: auto-generated"]
    {
        assert!(heard.contains(part), "{part} is not in {heard}");
    }
    assert_eq!(app.rows("outbox").await, 0);
}

/// Two nodes that have read the same mail: one of them sends it, and it is nobody's turn meanwhile.
#[tokio::test]
async fn a_mail_is_taken_by_one_node() {
    let app = world(1).await;
    let due = app.store.requests_due(10).await.expect("read");
    assert_eq!(due.len(), 1);
    let next = app.clock.now().plus_s(60);
    let take = async || app.store.take_mail(&due[0], next).await.expect("written");
    assert_eq!((take().await, take().await), (true, false));
    assert!(app.store.requests_due(10).await.expect("read").is_empty());
    app.advance_s(61);
    assert_eq!(
        app.store.requests_due(10).await.expect("read").len(),
        1,
        "who died while sending is followed"
    );
    let (port, took, _) = server(Manner::Rcpt("250 fine")).await;
    let app = world(port).await;
    round_of_requests(&app).await;
    let (one, other) = tokio::join!(worker::send_due(&app.app), worker::send_due(&app.app));
    assert_eq!(one.expect("it works") + other.expect("it works"), 1);
    assert_eq!(took.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_server_that_is_down_or_busy_is_tried_again_for_a_day() {
    let unused = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let nobody = unused.local_addr().expect("an address").port();
    drop(unused);
    let (busy, ..) = server(Manner::Rcpt("451 later")).await;
    for port in [nobody, busy] {
        let app = world(port).await;
        round(&app).await;
        assert_eq!(app.rows("outbox").await, 1);
        app.browser().sign_in(ALICE).await;
        for _ in 0..30 {
            app.advance_s(3600);
            round(&app).await;
        }
        assert_eq!((app.rows("outbox").await, failures(&app).await), (0, 1));
    }
}

#[tokio::test]
async fn a_refusal_for_good_is_believed_when_it_is_repeated() {
    let (port, took, _) = server(Manner::Rcpt("550 nobody here")).await;
    let app = world(port).await;
    for tries in 1..=5 {
        assert_eq!(app.rows("outbox").await, 1, "{tries}");
        round(&app).await;
        app.advance_s(3600);
    }
    assert_eq!((app.rows("outbox").await, failures(&app).await), (0, 1));
    assert_eq!(took.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_server_that_says_nothing_keeps_nobody_from_signing_in() {
    let (port, ..) = server(Manner::Silent).await;
    let app = world(port).await;
    // The request is answered; then the mail hangs, while people come and go.
    worker::send_due(&app.app).await.expect("the outbox works");
    let hanging = tokio::spawn({
        let app = Arc::clone(&app.app);
        async move { worker::send_due(&app).await }
    });
    tokio::task::yield_now().await;
    let signed_in = tokio::time::timeout(Duration::from_secs(10), app.browser().sign_in(ALICE)).await;
    assert!(signed_in.is_ok() && !hanging.is_finished());
    hanging.abort();
    assert_eq!(app.rows("outbox").await, 1);
}

/// One place is taken by a mail that hangs, and whoever comes afterwards has theirs.
#[tokio::test]
async fn a_mail_that_hangs_holds_up_no_other() {
    let (port, took, _) = server(Manner::SilentFor("alice@example.com")).await;
    let app = world(port).await;
    let mut sending = Sending::default();
    assert_eq!(turn(&app, &mut sending).await, 1, "her request is answered");
    assert_eq!(turn(&app, &mut sending).await, 0, "and her mail hangs");
    ask(&app, BOB).await;
    assert_eq!(turn(&app, &mut sending).await, 1);
    assert_eq!(turn(&app, &mut sending).await, 0);
    let one = tokio::time::timeout(Duration::from_secs(10), sending.one()).await;
    assert!(one.expect("it is not hers").expect("it is on its way").expect("the outbox works"));
    assert_eq!((took.load(Ordering::SeqCst), app.rows("outbox").await), (1, 1));
    // Hers is nobody's turn while it hangs.
    assert!(app.store.mails_due(10).await.expect("read").is_empty());
}

#[tokio::test]
async fn requests_are_answered_while_every_mail_hangs() {
    let (port, took, _) = server(Manner::Silent).await;
    let app = world(port).await;
    let mails = (0..25).map(|number| {
        let mut rng = SystemRandom;
        let mut ctx = Ctx { now: app.clock.now(), rng: &mut rng, request_id: "test", address: "" };
        let to = format!("{number}@example.net");
        let mail = Mail::new(MailKind::PasswordChanged, &T1.into(), &to, "", &mut ctx);
        Effect::QueueMail(Box::new(mail))
    });
    app.store.commit(mails.collect()).await.expect("mails can be queued");
    let due = async || app.store.mails_due(100).await.expect("read").len();
    let mut sending = Sending::default();
    assert_eq!(turn(&app, &mut sending).await, 1, "that of Alice");
    assert_eq!(due().await, 5 + 1, "twenty are on their way");
    for asked in 1..=2 {
        ask(&app, BOB).await;
        assert_eq!(turn(&app, &mut sending).await, 1);
        assert_eq!(due().await, 5 + 1 + asked);
    }
    assert_eq!(took.load(Ordering::SeqCst), 0);
}
