//! The seed of an authenticator app: sealed for its row, and written so that an app reads it.

use doorward_core::id::UserId;
use doorward_core::login::second_factor::{TOTP, Totp};
use doorward_crypto::base64url;
use doorward_crypto::random::SystemRandom;
use doorward_crypto::secret::SecretString;
use doorward_crypto::totp::{STEP_S, Seed};
use doorward_store::Fault;
use doorward_store::seal::aad;
use doorward_wire::percent;

use crate::app::Call;

/// Seal a seed with the tenant's data key, for that person's row.
pub async fn seal(call: &Call<'_>, user: &UserId, seed: &Seed) -> Result<String, Fault> {
    let sealer = call.app.store.sealer(&call.issuer.tenant).await?;
    Ok(base64url::encode(&sealer.seal(&place(call, user), seed.expose(), &mut SystemRandom)))
}

/// Open a stored one, beside the text that it was opened from. One that does not open is a fault of the database, and no wrong code.
pub async fn open(call: &Call<'_>, user: &UserId, stored: &Totp) -> Result<Option<(String, Seed)>, Fault> {
    let sealer = call.app.store.sealer(&call.issuer.tenant).await?;
    let broken = || Fault::new("open the seed of a second factor", "it was changed, or belongs elsewhere");
    let bytes = base64url::decode(&stored.sealed).ok_or_else(broken)?;
    let plain =
        SecretString::new(base64url::encode(&sealer.open(&place(call, user), &bytes).map_err(|_| broken())?));
    let bytes = base64url::decode(plain.expose()).ok_or_else(broken)?;
    Ok(Some((stored.sealed.clone(), Seed::from_bytes(&bytes).ok_or_else(broken)?)))
}

/// The address that apps read from the QR code (Google's Key URI format, which all of them follow).
pub fn address(service: &str, user_name: &str, seed: &Seed) -> SecretString {
    let (service, user_name) = (percent::encode(service), percent::encode(user_name));
    SecretString::new(format!(
        "otpauth://totp/{service}:{user_name}?secret={}&issuer={service}&algorithm=SHA1&digits=6&period={STEP_S}",
        seed.text().expose()
    ))
}

/// The seed as a person types it: four letters at a time.
pub fn grouped(seed: &Seed) -> String {
    let text = seed.text();
    let groups: Vec<&str> =
        (0..text.expose().len()).step_by(4).map(|at| &text.expose()[at..at + 4]).collect();
    groups.join(" ")
}

fn place(call: &Call<'_>, user: &UserId) -> Vec<u8> {
    aad("credentials", &[call.issuer.tenant.as_str(), user.as_str(), TOTP], "data")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_app_reads_the_address() {
        let seed = Seed::from_bytes(b"12345678901234567890").expect("twenty bytes");
        assert_eq!(
            address("North & wind", "alice@x", &seed).expose(),
            "otpauth://totp/North%20%26%20wind:alice%40x?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
             &issuer=North%20%26%20wind&algorithm=SHA1&digits=6&period=30"
        );
        assert_eq!(grouped(&seed), "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
    }
}
