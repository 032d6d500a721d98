//! The hosts under which the application is asked. Another name that was made to mean this machine (DNS rebinding) would let its site's scripts
//! read what stands here: the mails above all.

use std::net::SocketAddr;

/// Hosts with their ports, as a browser says them.
pub struct Names(Vec<String>);

impl Names {
    /// Those of the application at `url`: that one, the addresses of this machine that no other name's owner has, and where it listens.
    pub fn of(url: &str, listens: SocketAddr) -> Self {
        let (scheme, rest) = url.split_once("://").unwrap_or(("http", url));
        let own = rest.split('/').next().unwrap_or(rest).to_ascii_lowercase();
        let implied = if scheme == "https" { ":443" } else { ":80" };
        let here = LOOPBACK.map(|host| format!("{host}:{}", listens.port()));
        let all = here.into_iter().chain([own, listens.to_string()]);
        Self(all.map(|name| name.strip_suffix(implied).unwrap_or(&name).to_owned()).collect())
    }

    /// Whether a request's host, in lower case and without a port that the scheme implies, is one of them.
    pub fn has(&self, host: &str) -> bool {
        self.0.iter().any(|name| name == host)
    }
}

const LOOPBACK: [&str; 3] = ["127.0.0.1", "[::1]", "localhost"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_application_has_its_own_names_and_no_other() {
        let listens = "127.0.0.1:8081".parse().expect("an address");
        let names = Names::of("http://localhost:8081", listens);
        for own in ["localhost:8081", "127.0.0.1:8081", "[::1]:8081"] {
            assert!(names.has(own), "{own}");
        }
        for other in [
            "",
            "localhost",
            "localhost:8080",
            "evil.example:8081",
            "localhost.evil.example:8081",
            "127.0.0.1.evil.example:8081",
            "xlocalhost:8081",
            "0.0.0.0:8081",
            "192.0.2.1:8081",
        ] {
            assert!(!names.has(other), "{other}");
        }
    }

    #[test]
    fn it_is_reached_where_it_is_said_to_be() {
        let listens = "192.0.2.1:8081".parse().expect("an address");
        for (url, own, other) in [
            ("https://Demo.example", "demo.example", "id.example"),
            ("https://demo.example:443", "demo.example", "demo.example:80"),
            ("http://demo.example:80/", "demo.example", "demo.example:443"),
            ("https://demo.example:8443", "demo.example:8443", "demo.example"),
        ] {
            let names = Names::of(url, listens);
            assert!(names.has(own) && names.has("192.0.2.1:8081"), "{url}");
            assert!(!names.has(other), "{url}");
        }
    }
}
