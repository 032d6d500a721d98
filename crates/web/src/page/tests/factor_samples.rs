//! The pages of the second factor, in every state that looks different.

use super::samples::{NOW, frame};
use crate::page::qr::Qr;
use crate::page::text::Texts;
use crate::page::view::{
    CodeProblem, CodeStep, EnrolFactor, FactorNotice, FactorProblem, ManageFactor, RecoveryCodes, View,
};

/// Name and page.
pub fn all(texts: &'static Texts, fill: &dyn Fn(&str) -> String) -> Vec<(String, Box<dyn View>)> {
    let code = CodeStep {
        frame: frame(texts, fill),
        client: None,
        request: fill("sealed"),
        form: fill("csrf"),
        by_recovery: false,
        problem: None,
    };
    let enrol = EnrolFactor {
        frame: frame(texts, fill),
        request: fill("sealed"),
        form: fill("csrf"),
        is_due: true,
        qr: Qr::of("otpauth://totp/Northwind:alice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Northwind"),
        link: format!("otpauth://totp/Northwind:{}?secret=GEZDGNBVGY3TQOJQ", fill("alice")),
        secret: fill("GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ"),
        problem: None,
    };
    let codes = RecoveryCodes {
        frame: frame(texts, fill),
        request: fill("sealed"),
        form: fill("csrf"),
        codes: (0..10).map(|_| fill("k3bq-7zfa-nw2p-x5dm-ylro-6hge")).collect(),
        is_first: true,
    };
    let manage = ManageFactor {
        frame: frame(texts, fill),
        form: fill("csrf"),
        user_name: fill("alice"),
        since: Some(NOW - 86_400 * 30),
        codes_left: 9,
        is_required: false,
        is_offered: true,
        notice: None,
        problem: None,
    };
    let mut pages: Vec<(String, Box<dyn View>)> = vec![
        ("factor-code".into(), Box::new(CodeStep { client: Some(fill("Order Desk")), ..code.clone() })),
        ("factor-recovery".into(), Box::new(CodeStep { by_recovery: true, ..code.clone() })),
        (
            "factor-recovery-wrong".into(),
            Box::new(CodeStep { by_recovery: true, problem: Some(CodeProblem::Recovery), ..code.clone() }),
        ),
        (
            "factor-enrol-wrong".into(),
            Box::new(EnrolFactor { problem: Some(CodeProblem::Wrong), ..enrol.clone() }),
        ),
        ("factor-enrol".into(), Box::new(EnrolFactor { is_due: false, ..enrol.clone() })),
        ("factor-enrol-due".into(), Box::new(enrol)),
        ("factor-codes-new".into(), Box::new(RecoveryCodes { is_first: false, ..codes.clone() })),
        ("factor-codes".into(), Box::new(codes)),
        ("factor-off".into(), Box::new(ManageFactor { since: None, ..manage.clone() })),
        (
            "factor-not-offered".into(),
            Box::new(ManageFactor { since: None, is_offered: false, ..manage.clone() }),
        ),
        (
            "factor-required".into(),
            Box::new(ManageFactor {
                is_required: true,
                codes_left: 1,
                problem: Some(FactorProblem::Required),
                ..manage.clone()
            }),
        ),
        (
            "factor-wrong-password".into(),
            Box::new(ManageFactor {
                codes_left: 0,
                problem: Some(FactorProblem::WrongPassword),
                ..manage.clone()
            }),
        ),
        (
            "factor-throttled".into(),
            Box::new(ManageFactor {
                problem: Some(FactorProblem::Throttled { seconds: 75 }),
                ..manage.clone()
            }),
        ),
    ];
    let problems = [CodeProblem::Throttled { seconds: 75 }, CodeProblem::Used, CodeProblem::Wrong];
    for (at, problem) in problems.into_iter().enumerate() {
        let page = CodeStep { problem: Some(problem), ..code.clone() };
        pages.push((format!("factor-code-problem-{at}"), Box::new(page)));
    }
    for notice in [FactorNotice::Added, FactorNotice::Removed, FactorNotice::Stale] {
        let page = ManageFactor { notice: Some(notice), ..manage.clone() };
        pages.push((format!("factor-{notice:?}").to_lowercase(), Box::new(page)));
    }
    pages
}
