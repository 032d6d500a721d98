//! COMMIT was sent and its answer lost: the event tells what became of it (design, section 1).

use doorward_store::CommitError;

use crate::proxy::{Loss, Proxy};
use crate::support::*;

#[tokio::test]
async fn a_commit_whose_answer_was_lost_is_found_by_its_event() {
    let Some(database) = Database::new().await else { return };
    let proxy = Proxy::to(&database.address()).await;
    let driver = open(&database.url_by(&proxy.address, "pool=4"));
    driver.commit(commit(vec![put("one")])).await.unwrap();

    proxy.lose(Loss::Answer, 1);
    assert_eq!(driver.commit(recorded(1, vec![take("nobody", "me")])).await, Ok(2));
    assert_eq!(proxy.left(), 0);
    assert_eq!(count(&driver, &EVENTS).await, 1);
}

#[tokio::test]
async fn a_commit_that_was_lost_itself_is_sent_once_more() {
    let Some(database) = Database::new().await else { return };
    let proxy = Proxy::to(&database.address()).await;
    let driver = open(&database.url_by(&proxy.address, "pool=4"));
    driver.commit(commit(vec![put("one")])).await.unwrap();

    proxy.lose(Loss::Request, 1);
    assert_eq!(driver.commit(recorded(1, vec![take("nobody", "me")])).await, Ok(2));
    assert_eq!(proxy.left(), 0);
    assert_eq!(count(&driver, &EVENTS).await, 1);
}

#[tokio::test]
async fn both_losses_one_after_the_other_are_survived() {
    let Some(database) = Database::new().await else { return };
    let proxy = Proxy::to(&database.address()).await;
    let driver = open(&database.url_by(&proxy.address, "pool=4"));
    driver.commit(commit(vec![put("one")])).await.unwrap();

    proxy.lose(Loss::Request, 2);
    let fault = driver.commit(recorded(1, vec![take("nobody", "me")])).await.unwrap_err();
    assert!(matches!(fault, CommitError::Fault(_)), "twice lost is a fault, never a refusal: {fault}");
    assert_eq!(count(&driver, &EVENTS).await, 0);

    proxy.lose(Loss::Answer, 2);
    assert_eq!(driver.commit(recorded(2, vec![take("nobody", "me")])).await, Ok(2));
}

#[tokio::test]
async fn without_an_event_the_preconditions_decide() {
    let Some(database) = Database::new().await else { return };
    let proxy = Proxy::to(&database.address()).await;
    let driver = open(&database.url_by(&proxy.address, "pool=4"));
    driver.commit(commit(vec![put("one")])).await.unwrap();

    // It happened, and sending it again meets its own change: the caller loads afresh and sees that.
    proxy.lose(Loss::Answer, 1);
    assert_eq!(driver.commit(commit(vec![take("nobody", "me")])).await, Err(CommitError::Conflict));
    // It did not happen, and sending it again is what makes it happen.
    proxy.lose(Loss::Request, 1);
    assert_eq!(driver.commit(commit(vec![take("me", "you")])).await, Ok(1));
}

#[tokio::test]
async fn a_true_conflict_after_a_lost_commit_is_a_conflict() {
    let Some(database) = Database::new().await else { return };
    let proxy = Proxy::to(&database.address()).await;
    let driver = open(&database.url_by(&proxy.address, "pool=4"));
    driver.commit(commit(vec![put("one")])).await.unwrap();

    proxy.lose(Loss::Request, 1);
    let rival = database.driver();
    let (lost, won) = tokio::join!(
        driver.commit(recorded(1, vec![take("nobody", "me")])),
        rival.commit(recorded(2, vec![take("nobody", "rival")])),
    );
    // Whoever came first: one of them, and the other was told so.
    match (lost, won) {
        (Ok(2), Err(CommitError::Conflict)) | (Err(CommitError::Conflict), Ok(2)) => {}
        other => panic!("{other:?}"),
    }
    assert_eq!(count(&rival, &EVENTS).await, 1);
}
