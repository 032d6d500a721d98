# Deutsch: alle Texte aller Seiten. Ohne Auszeichnung; Variablen werden beim Anzeigen maskiert.

## Auf jeder Seite
frame-host = Sie sind auf
signed-in-as = Angemeldet als
back-to-client = Zurück zu { $client }
back-to-console = Zurück zur Verwaltung
to-account = Zu Ihrem Konto
copy-details = Angaben kopieren
copied = Kopiert

## Felder
field-username = Benutzername
field-login = Benutzername oder E-Mail-Adresse
field-password = Passwort
field-password-again = Passwort wiederholen
field-password-current = Bisheriges Passwort
field-password-new = Neues Passwort
field-password-new-again = Neues Passwort wiederholen
field-email = E-Mail-Adresse
field-name = Name
field-language = Sprache
password-show = Zeigen
password-hide = Verbergen
password-hint = { $count ->
    [one] Mindestens ein Zeichen. Gut geeignet sind einige Wörter ohne Zusammenhang.
   *[other] Mindestens { $count } Zeichen. Gut geeignet sind einige Wörter ohne Zusammenhang.
}

## Warum ein Passwort nicht angenommen wird
password-differs = Die beiden neuen Passwörter stimmen nicht überein. Bitte geben Sie beide noch einmal ein.
password-holds-name = Ein Passwort darf weder Ihren Namen noch den dieses Dienstes enthalten. Bitte wählen Sie ein anderes.
password-known = Dieses Passwort gehört zu denen, die zuerst ausprobiert werden, weil viele es schon hatten. Bitte wählen Sie ein anderes.
password-same = Das ist Ihr bisheriges Passwort. Bitte wählen Sie ein anderes.
password-too-common = Dieses Passwort ist leicht zu erraten: Tastenreihen, Wiederholungen, Daten und einzelne Wörter werden zuerst ausprobiert. Bitte wählen Sie ein anderes.
password-too-long = Dieses Passwort ist zu lang. Bitte wählen Sie ein kürzeres.
password-too-short = { $count ->
    [one] Dieses Passwort ist zu kurz. Es braucht mindestens ein Zeichen.
   *[other] Dieses Passwort ist zu kurz. Es braucht mindestens { $count } Zeichen.
}
password-unusable = Dieses Passwort enthält Zeichen, die sich nicht überall eingeben lassen. Bitte wählen Sie ein anderes.
password-wrong-current = Das bisherige Passwort stimmt nicht. Es wurde nichts geändert.

## Anmelden
sign-in-title = Anmelden
sign-in-client = um fortzufahren zu { $client }
sign-in-button = Anmelden
sign-in-remember = Angemeldet bleiben
sign-in-remember-hint = Nur auf einem Gerät, das niemand sonst benutzt.
sign-in-refused = Benutzername oder Passwort stimmt nicht. Bitte versuchen Sie es noch einmal.
sign-in-throttled = Es gab zu viele Versuche. Bitte warten Sie { $span } und versuchen Sie es dann noch einmal.
sign-in-again = Bitte bestätigen Sie durch erneutes Anmelden, dass Sie es sind.
sign-in-set-up = Ihr Verwaltungskonto ist angelegt. Bitte melden Sie sich an.
sign-in-stale = Diese Seite war zu lange geöffnet oder wurde in einem anderen Fenster benutzt. Bitte versuchen Sie es hier noch einmal.

## Zweiter Faktor
factor-title = Bitte bestätigen Sie, dass Sie es sind
factor-code = Code aus Ihrer Authentifizierungs-App
factor-code-hint = Sechs Ziffern, alle dreißig Sekunden neu.
factor-button = Weiter
factor-by-recovery = Stattdessen einen Wiederherstellungscode verwenden
factor-by-code = Stattdessen die Authentifizierungs-App verwenden
factor-recovery = Wiederherstellungscode
factor-recovery-hint = Einer der Codes, die Sie beim Einrichten der App aufbewahrt haben. Jeder gilt einmal.
factor-code-wrong = Dieser Code stimmt nicht. Bitte geben Sie den ein, den die App jetzt zeigt.
factor-code-used = Dieser Code wurde schon benutzt. Bitte warten Sie auf den nächsten.
factor-recovery-wrong = Dieser Wiederherstellungscode stimmt nicht oder wurde schon benutzt.
factor-enrol-title = Authentifizierungs-App einrichten
factor-enrol-due = Ihr Konto braucht bei der Anmeldung einen zweiten Schritt.
factor-enrol-text = Scannen Sie das Bild mit einer Authentifizierungs-App, und geben Sie den Code ein, den sie zeigt.
factor-qr = QR-Code für Ihre Authentifizierungs-App
factor-open-app = Authentifizierungs-App auf diesem Gerät öffnen
factor-secret = Oder geben Sie diesen Schlüssel in der App ein
factor-first-code = Code, den die App zeigt
factor-first-code-hint = Sechs Ziffern. Sie zeigen, dass die App eingerichtet ist.
factor-enrol-button = Einrichten
factor-codes-title = Bewahren Sie Ihre Wiederherstellungscodes auf
factor-codes-done = Ihre Authentifizierungs-App ist eingerichtet.
factor-codes-new = Hier sind Ihre neuen Wiederherstellungscodes. Die bisherigen gelten nicht mehr.
factor-codes-text = Wenn Sie Ihr Gerät verlieren, können Sie sich mit jedem dieser Codes einmal anmelden. Sie werden nur jetzt gezeigt: Drucken Sie sie aus, oder bewahren Sie sie in einem Passwortmanager auf.
factor-codes-kept = Ich habe sie aufbewahrt
factor-manage-title = Anmeldung in zwei Schritten
factor-is-on = Bei der Anmeldung wird nach einem Code aus Ihrer Authentifizierungs-App gefragt.
factor-is-off = Bei der Anmeldung wird nur nach Ihrem Passwort gefragt. Eine Authentifizierungs-App schützt Ihr Konto auch dann, wenn es jemand erfährt.
factor-since = Eingerichtet
factor-codes-left = { $count ->
    [0] Keine Wiederherstellungscodes übrig
    [one] Ein Wiederherstellungscode übrig
   *[other] { $count } Wiederherstellungscodes übrig
}
factor-password-hint = Damit sicher ist, dass Sie es sind.
factor-begin = Authentifizierungs-App einrichten
factor-change = Ändern
factor-replace = Andere App oder anderes Gerät verwenden
factor-new-codes = Neue Wiederherstellungscodes erstellen
factor-remove = Ausschalten
factor-added = Die Anmeldung in zwei Schritten ist eingeschaltet.
factor-removed = Die Anmeldung in zwei Schritten ist ausgeschaltet.
factor-must-stay = Ihr Konto braucht die Anmeldung in zwei Schritten. Sie lässt sich nicht ausschalten.

## Extensions in frames
framed-title = Anmelden
framed-text = { $client } wird innerhalb einer anderen Seite angezeigt. Sie melden sich in einem eigenen Fenster an, in dem Sie die Adresse sehen.
framed-open = Anmeldung öffnen
framed-again = Noch einmal versuchen
framed-refused = Das hat nicht geklappt. Bitte versuchen Sie es noch einmal.
framed-no-cookie = Ihr Browser behält für diesen Teil der Seite nichts, deshalb können Sie hier nicht angemeldet werden. Öffnen Sie die Erweiterung in einem eigenen Fenster.
framed-no-script = Dafür wird JavaScript gebraucht.
handover-title = Weiter auf der anderen Seite
handover-text = { $client } geht auf der Seite weiter, von der Sie kommen.
handover-alone = Sie sind angemeldet. Schließen Sie dieses Fenster, und wählen Sie auf der Seite, von der Sie kommen, noch einmal „Anmeldung öffnen“.
handover-refused = Das geht hier nicht. Öffnen Sie die Erweiterung einmal aus der Liste Ihrer Erweiterungen.

## Konto wählen
select-title = Konto wählen
select-other = Anderes Konto verwenden

## Erweiterungen einer Person
extensions-title = Ihre Erweiterungen
extensions-text = Was in Projekten, bei Kunden und an anderen Orten installiert ist, zu denen Sie gehören.
extensions-installed = Installiert
extensions-none = In nichts, wozu Sie gehören, ist etwas installiert.
extensions-available = Verfügbar
extensions-none-available = Es gibt nichts, was Sie installieren könnten und was nicht schon installiert ist.
extensions-next = Weitere Erweiterungen
extensions-removed = Die Erweiterung wurde dort entfernt.
extensions-return = Zurück zu Ihren Erweiterungen
extension-install = Installieren
extension-unpublished = Noch nicht veröffentlicht
extension-by = Von
extension-for = Für
extension-more-places = { $count ->
    [one] und einen weiteren Ort
   *[other] und { $count } weitere Orte
  }
extension-where = Installiert in
extension-since = Seit
extension-open = Öffnen
extension-show = Hier anzeigen
extension-disabled = Abgeschaltet
extension-suspended = Gesperrt
extension-withdrawn = Zurückgezogen
extensions-back = Zurück zu Ihrem Konto
account-extensions = Erweiterungen
account-extensions-open = Öffnen, was installiert ist, wo Sie dazugehören
select-installation-title = Wo möchten Sie sie öffnen?
select-installation-text = { $client } ist an mehreren Stellen installiert, zu denen Sie gehören.
ask-extension-title = Erweiterung zulassen
ask-extension-where = Sie ist in { $context } installiert. Sie werden einmal gefragt.
ask-extension-bound = Sie handelt nur dort für Sie, und nur soweit Sie es selbst dürfen.

## Eine Erweiterung installieren
install-title = { $extension } installieren
install-change-title = Was { $extension } darf
install-description = Was sie tut
install-where = Wo
install-elsewhere = Woanders
install-maker = Von
install-variant = Variante
install-asks-nothing = Sie möchte nichts.
install-required = Ohne dies arbeitet sie nicht
install-optional = Darüber entscheiden Sie
install-reason = Wozu: { $reason }
install-scope-not-held = Das dürfen Sie dort selbst nicht, also können Sie es nicht zulassen.
install-impossible = Sie kommt nicht ohne etwas aus, was Sie dort selbst nicht dürfen. Wer es darf, kann sie installieren.
install-acts-for = Für wen sie handelt
install-for-all = Sie handelt für alle, die zu { $context } gehören und sie öffnen, ohne jeden Einzelnen zu fragen.
install-asks-members = Sie handelt für die, die zu { $context } gehören, nachdem sie jeden Einzelnen gefragt hat.
install-bound = Für niemanden tut sie mehr, als er dort selbst darf.
install-by-itself = Sie handelt dort auch allein, mit einem eigenen Geheimnis, soweit Sie es hier zulassen. Sie können das jederzeit ändern, sie abschalten oder entfernen.
install-button = Installieren
install-change-button = Speichern
install-cancel = Abbrechen
install-choose-place = Wo möchten Sie sie installieren?
install-more-places = Hier stehen nicht alle Orte. An den anderen kann die Verwaltung sie installieren.
install-conflict = Im selben Moment wurde etwas anderes geändert. Nichts wurde getan; bitte sehen Sie noch einmal nach.
install-changed = Die Erweiterung möchte etwas anderes als eben noch. Nichts wurde getan; bitte sehen Sie noch einmal nach.
install-not-held = Nicht alles davon dürfen Sie dort selbst, also können Sie es nicht zulassen. Nichts wurde getan.
install-stale = Diese Seite war zu lange offen, oder jemand anderes hat sich angemeldet. Nichts wurde getan; bitte sehen Sie noch einmal nach.

## Eine Installation
installation-about = Überblick
installation-state = Zustand
installation-enabled = Eingeschaltet
installation-suspended = Von der Plattform gesperrt
installation-state-since = seit
installation-by = von { $name }
installation-installed = Installiert
installation-manifest = Zugestimmt wurde Version
installation-in-force = in Kraft:
installation-deprecated = Diese Erweiterung wird nicht mehr gepflegt. Hier geht sie vorerst weiter; bitte suchen Sie eine andere.
installation-deprecated-on = Diese Erweiterung wird nicht mehr gepflegt. Nach dem { $day } sollte sich niemand mehr auf sie verlassen.
installation-update = Eine Aktualisierung wartet. Sie möchte auch dies:
installation-look = Ansehen und entscheiden
installation-scopes = Was sie darf
installation-no-scopes = Nichts, außer geöffnet zu werden.
installation-change-scopes = Ändern, was sie darf
installation-secrets = Ihre Geheimnisse
installation-secrets-text = Mit ihnen handelt sie ohne Sie. Nur die Erweiterung hat sie; hier werden sie nicht gezeigt.
installation-no-secrets = Sie hat keine.
secret-pending = Neu, noch nicht in Gebrauch
secret-current = In Gebrauch
secret-retiring = Wird abgelöst
installation-secret-age = Alter: { $age }
installation-secret-delivered = Die Erweiterung hat es
installation-secret-undelivered = Die Erweiterung hat es noch nicht
installation-secret-until = Gilt bis
installation-news = Was ihr gemeldet wurde
installation-news-text = Von Änderungen hier erfährt, wer sie herstellt, in deren Reihenfolge.
installation-no-news = In letzter Zeit nichts.
installation-paused = Angehalten seit
installation-waiting = { $count ->
    [one] Eine Meldung wartet.
   *[other] { $count } Meldungen warten.
  }
installation-due = Nächster Versuch:
installation-attempts = { $count ->
    [one] Einmal versucht
   *[other] { $count }-mal versucht
  }
installation-answered = Letzte Antwort:
news-added = Installiert
news-updated = Geändert
news-secret = Neues Geheimnis
news-removed = Entfernt
news-waiting = Wartet
news-delivered = Zugestellt
news-pull = Wird abgeholt
news-skipped = Übergangen
news-given-up = Aufgegeben
news-aborted = Hinfällig
installation-acts = Abschalten oder entfernen
installation-enable = Einschalten
installation-enable-text = Sie arbeitet wieder. Wer sie benutzt hat, öffnet sie neu.
installation-disable = Abschalten
installation-disable-text = Nichts von ihr arbeitet, bis sie wieder eingeschaltet wird. Was sie jetzt in der Hand hat, endet endgültig.
installation-remove = Entfernen
installation-already = Sie war dort schon installiert. Nichts wurde geändert.
installation-changed = Es wurde gespeichert.
installation-is-disabled = Sie ist abgeschaltet.
installation-is-enabled = Sie ist eingeschaltet.
installation-is-installed = Sie ist installiert.
installation-is-suspended = Die Plattform hat sie gesperrt, und nur die Plattform gibt sie wieder frei. Nichts wurde getan.
remove-title = { $extension } aus { $context } entfernen?
remove-text = Das endet sofort:
remove-opens = Niemand kann sie dort mehr öffnen.
remove-tokens = Ihr Zugriff endet, und damit alles, was sie dort für andere tut.
remove-secrets = Ihre Geheimnisse gelten nicht mehr.
remove-consents = Was ihr dort erlaubt wurde, ist vergessen.
remove-final = Das lässt sich nicht zurücknehmen. Wird sie wieder installiert, beginnt sie neu.

## Zustimmung
consent-title = Zugriff erlauben
consent-heading = Darf { $client } auf Ihr Konto zugreifen?
consent-host = Danach geht es zurück zu { $host }.
consent-app = Danach geht es zurück in die App auf diesem Gerät.
consent-switch = Nicht Sie? Konto wechseln
consent-scopes = Darum bittet { $client }
consent-new = Neu
consent-lasts = Wie lange das gilt
consent-lasts-session = Solange Sie hier angemeldet sind.
consent-lasts-offline = Auch wenn Sie nicht angemeldet sind. Der Zugriff endet, wenn er { $idle } lang nicht genutzt wird, und dauert höchstens { $absolute }.
consent-revoke = Auf Ihrer Kontoseite können Sie den Zugriff jederzeit wieder entziehen.
consent-allow = Erlauben
consent-deny = Ablehnen


## Was jede Berechtigung bedeutet
scope-openid = Erkennen, dass Sie es sind
scope-openid-explained = Eine dauerhafte Kennung Ihres Kontos und der Zeitpunkt Ihrer Anmeldung.
scope-profile = Ihr Profil sehen
scope-profile-explained = Name, Benutzername, Bild, Geburtstag, Geschlecht, Sprache und Zeitzone, soweit Sie sie angegeben haben.
scope-email = Ihre E-Mail-Adresse sehen
scope-email-explained = Und ob sie bestätigt ist.
scope-address = Ihre Postanschrift sehen
scope-address-explained = Straße, Postleitzahl, Ort und Land.
scope-phone = Ihre Telefonnummer sehen
scope-phone-explained = Und ob sie bestätigt ist.
scope-offline-access = Zugriff behalten, während Sie abwesend sind
scope-offline-access-explained = Was Sie hier erlauben, gilt auch, wenn Sie nicht angemeldet sind.
scope-of-api = { $api } · { $scope }

## Konto
account-title = Ihr Konto
account-profile = Profil
account-email-verified = bestätigt
account-email-unverified = nicht bestätigt
account-password = Passwort ändern
account-password-text = Hier bleiben Sie angemeldet. In allen anderen Browsern werden Sie abgemeldet, und Anwendungen müssen neu verbunden werden.
account-password-button = Passwort ändern
account-sessions = Wo Sie angemeldet sind
account-this-browser = Dieser Browser
account-unknown-device = Unbekanntes Gerät
account-signed-in-at = Angemeldet
account-seen-at = Zuletzt gesehen
account-address = Adresse
account-end-others = Überall sonst abmelden
account-applications = Anwendungen mit Zugriff
account-applications-text = Diese Anwendungen können Ihr Konto nutzen. Wenn Sie den Zugriff entziehen, gilt das sofort.
account-no-applications = Sie haben noch keiner Anwendung erlaubt, Ihr Konto zu nutzen.
account-scopes = { $count ->
    [one] Eine Berechtigung
   *[other] { $count } Berechtigungen
}
account-allowed-at = Erlaubt
account-used-at = Zuletzt genutzt
account-not-used = Noch nicht genutzt
account-offline = Auch während Sie abwesend sind
account-revoke = Zugriff entziehen
account-application-revoked = Die Anwendung hat keinen Zugriff mehr auf Ihr Konto.
account-other-sessions-ended = Sie sind in allen anderen Browsern abgemeldet.
account-password-changed = Ihr Passwort ist geändert. In allen anderen Browsern sind Sie abgemeldet, und Anwendungen müssen neu verbunden werden.
account-session-ended = Sie sind in diesem Browser abgemeldet.
account-stale = Diese Seite war zu lange geöffnet. Es wurde nichts geändert, bitte versuchen Sie es noch einmal.
language-english = Englisch
language-german = Deutsch

## Abmelden
sign-out-title = Abmelden?
sign-out-text = Sie werden in diesem Browser abgemeldet.
sign-out-client = { $client } bittet Sie, sich abzumelden. Sie werden in diesem Browser abgemeldet.
sign-out-button = Abmelden
sign-out-stay = Angemeldet bleiben
sign-out-stale = Diese Seite war zu lange geöffnet. Bitte bestätigen Sie noch einmal.
signed-out-title = Sie sind abgemeldet
signed-out-text = An einem gemeinsam genutzten Rechner schließen Sie bitte auch das Browserfenster.
signed-out-again = Wieder anmelden
stayed-title = Sie sind weiterhin angemeldet
stayed-text = Es wurde nichts geändert.

## Auf dem Weg zurück zur Anwendung
continue-title = Weiter
continue-heading = Zurück zu { $client }
continue-button = Weiter
continue-text = Alles ist bereit. Mit „Weiter“ öffnen Sie die App auf diesem Gerät.
continue-refused-text = Dieses Mal hat es nicht geklappt. Mit „Weiter“ kommen Sie zurück zur App, die Ihnen mehr sagen kann.
continue-hint = Wenn sich nichts öffnet, ist die App auf diesem Gerät vielleicht nicht installiert. Sie können diese Seite schließen.
hop-text = Sie werden zur nächsten Seite geleitet. Wenn nichts geschieht, wählen Sie „Weiter“.
form-post-text = Sie werden zurückgeleitet. Wenn nichts geschieht, wählen Sie „Weiter“.

## Erstes Verwaltungskonto
set-up-title = Verwaltungskonto anlegen
set-up-text = Dieses Konto darf auf diesem Server alles verwalten. Der Link, der Sie hierher geführt hat, gilt nur einmal.
set-up-button = Verwaltungskonto anlegen
set-up-bad-email = Das sieht nicht wie eine E-Mail-Adresse aus. Bitte prüfen Sie die Eingabe.
set-up-bad-user-name = Dieser Benutzername ist nicht möglich. Verwenden Sie Buchstaben, Ziffern, Punkte, Bindestriche oder Unterstriche.
set-up-bad-character = Ein Benutzername kann { $character } nicht enthalten. Verwenden Sie Buchstaben, Ziffern, Punkte, Bindestriche oder Unterstriche.
set-up-user-name-address = Eine E-Mail-Adresse gehört in ihr eigenes Feld; Sie können sich auch damit anmelden. Der Benutzername ist ohne @.
set-up-user-name-space = Ein Benutzername hat keine Leerzeichen. Verwenden Sie Buchstaben, Ziffern, Punkte, Bindestriche oder Unterstriche.
set-up-expired = Dieser Link gilt nicht mehr
set-up-expired-text = Links zum Einrichten gelten einmal und eine Stunde lang.
set-up-again = Wer diesen Server betreibt, erzeugt mit diesem Befehl einen neuen:
set-up-done = Dieser Server ist bereits eingerichtet
set-up-done-text = Es gibt ein Verwaltungskonto. Melden Sie sich damit an, um fortzufahren.

## Fehler: Überschrift, was geschehen ist. Diese Texte bleiben, wie sie sind.
error-bad-request = Diese Anfrage lässt sich nicht bearbeiten
error-bad-request-text = Die Anwendung hat eine Anmeldeanfrage gesendet, die unvollständig oder fehlerhaft ist.
error-unknown-client = Unbekannte Anwendung
error-unknown-client-text = Die Anwendung, von der Sie kommen, ist bei uns nicht registriert. Sie wurden deshalb nicht angemeldet.
error-redirect = Diese Adresse ist nicht registriert
error-redirect-text = Die Anwendung wollte Sie zu einer Adresse leiten, die für sie nicht registriert ist. Zu Ihrer Sicherheit ist das nicht geschehen.
error-sign-out-address = Diese Adresse ist nicht registriert
error-sign-out-address-text = Die Anwendung wollte Sie zu einer Adresse leiten, die für sie nicht registriert ist. Das ist nicht geschehen.
error-sign-out-request = Diese Abmeldeanfrage lässt sich nicht bearbeiten
error-sign-out-request-text = Die Anwendung hat eine Abmeldeanfrage gesendet, die unvollständig oder fehlerhaft ist. Sie wurden nicht abgemeldet.
error-expired = Diese Anmeldung ist abgelaufen
error-expired-text = Sie wurde vor zu langer Zeit begonnen und lässt sich nicht mehr abschließen.
error-foreign-form = Dieses Formular wurde nicht angenommen
error-foreign-form-text = Es stammt nicht von einer Seite, die wir Ihnen in diesem Browser gezeigt haben. Es wurde nichts geändert.
error-not-found = Seite nicht gefunden
error-not-found-text = Unter dieser Adresse gibt es nichts.
error-not-installed = Erweiterung nicht verfügbar
error-not-installed-text = Die Erweiterung ist in nichts installiert, wozu Sie gehören, oder sie ist dort abgeschaltet. Sie wurden nicht zu ihr geleitet.
error-installation-gone = Nicht mehr installiert
error-installation-gone-text = Die Erweiterung wurde dort inzwischen entfernt. Nichts wurde geändert.
error-not-offered = Nicht mehr angeboten
error-not-offered-text = Die Erweiterung wird nirgends mehr installiert: Sie ist abgekündigt, zurückgezogen oder gesperrt. Nichts wurde getan.
error-do-look-at-extensions = Ihre Erweiterungen zeigen, was es jetzt gibt.
error-do-ask-platform = Bitten Sie die Verwaltung Ihres Projekts, sie zu installieren oder einzuschalten.
error-method = So lässt sich diese Seite nicht verwenden
error-method-text = Die Adresse gibt es, aber nicht für diese Art von Anfrage.
error-timed-out = Die Anfrage hat zu lange gedauert
error-timed-out-text = Ihr Browser hat nicht rechtzeitig alles gesendet.
error-too-large = Die Anfrage ist zu groß
error-too-large-text = Sie war größer, als wir sie hier annehmen.
error-too-many = Zu viele Anfragen
error-too-many-text = Es kamen mehr Anfragen, als wir im Augenblick beantworten können.
error-unavailable = Vorübergehend nicht verfügbar
error-unavailable-text = Das lässt sich gerade nicht abschließen. Ihr Konto und Ihre Daten sind nicht betroffen.
error-unexpected = Etwas ist schiefgegangen
error-unexpected-text = Der Fehler liegt bei uns. Er wurde festgehalten.

## Fehler: was zu tun ist
error-do-tell-application = Bitte gehen Sie zurück und versuchen Sie es noch einmal. Wenn es wieder geschieht, wenden Sie sich an die Betreiber der Anwendung und nennen Sie ihnen die folgenden Angaben.
error-do-start-again = Bitte gehen Sie zurück zur Anwendung und melden Sie sich neu an.
error-do-go-back = Bitte gehen Sie zurück und versuchen Sie es noch einmal.
error-do-check-address = Bitte prüfen Sie die Adresse.
error-do-try-again = Bitte versuchen Sie es noch einmal. Wenn es wieder geschieht, wenden Sie sich an die Betreiber dieses Servers und nennen Sie ihnen die folgenden Angaben.
error-do-wait = Bitte warten Sie einen Augenblick und versuchen Sie es dann noch einmal.
error-details = Angaben für die Hilfe
error-incident = Vorfall
error-request = Anfrage
error-detail = Grund

## Zeitpunkte und Zeitspannen
date-january = { $day }. Januar { $year }, { $time } UTC
date-february = { $day }. Februar { $year }, { $time } UTC
date-march = { $day }. März { $year }, { $time } UTC
date-april = { $day }. April { $year }, { $time } UTC
date-may = { $day }. Mai { $year }, { $time } UTC
date-june = { $day }. Juni { $year }, { $time } UTC
date-july = { $day }. Juli { $year }, { $time } UTC
date-august = { $day }. August { $year }, { $time } UTC
date-september = { $day }. September { $year }, { $time } UTC
date-october = { $day }. Oktober { $year }, { $time } UTC
date-november = { $day }. November { $year }, { $time } UTC
date-december = { $day }. Dezember { $year }, { $time } UTC
span-days = { $count ->
    [one] 1 Tag
   *[other] { $count } Tage
}
span-hours = { $count ->
    [one] 1 Stunde
   *[other] { $count } Stunden
}
span-minutes = { $count ->
    [one] 1 Minute
   *[other] { $count } Minuten
}
span-seconds = { $count ->
    [one] 1 Sekunde
   *[other] { $count } Sekunden
}

## Die Beispielanwendung
demo-extension-title = Aufgabentafel
demo-extension-opened = Diese Erweiterung wurde mit einem Einmalschlüssel geöffnet und hat ihn gegen Token getauscht.
demo-extension-framed = Diese Erweiterung hat Sie in ihrem Rahmen angemeldet, mit einem Cookie nur für diesen Rahmen.
demo-extension-now = Was sie jetzt darf
demo-extension-now-hint = Die Seite um diesen Rahmen reicht jede Minute ein Sitzungstoken herein; eingetauscht sagt es, was die Erweiterung gerade für Sie darf.
demo-extension-sign-in = In diesem Rahmen anmelden
demo-title = Beispielanwendung
demo-text = Eine kleine Anwendung, die Menschen bei { $issuer } anmeldet.
demo-signed-out = Sie sind abgemeldet.
demo-sign-in = Anmelden
demo-people = Melden Sie sich an als
demo-options = Einzelheiten der Anfrage
demo-scope-hint = Durch Leerzeichen getrennt. Mit offline_access gibt es ein Refresh-Token, das die Sitzung überdauert.
demo-unset = nicht gesetzt
demo-hello = Angemeldet als { $name }
demo-scope = Scopes
demo-expires = Access-Token endet
demo-refresh-token = Refresh-Token
demo-refresh-unused = vorhanden, noch nicht verwendet
demo-refreshed = { $count ->
    [one] vorhanden, einmal verwendet
   *[other] vorhanden, { $count }-mal verwendet
}
demo-refresh-none = keines
demo-userinfo = Userinfo abrufen
demo-refresh = Erneuern
demo-userinfo-answer = Antwort von Userinfo
demo-id-token = ID-Token
demo-access-token = Access-Token
demo-header = Kopf
demo-claims = Angaben
demo-opaque = Dieses Token ist undurchsichtig: Nur der Server weiß, wofür es steht.
demo-raw = Wie es ankam
demo-failed = Die Anmeldung ist nicht gelungen
demo-failed-here = Die Anwendung hat nicht angenommen, was kam.
demo-failed-text = Das hat der Server geantwortet.
demo-fragment-title = Token in der Adresse
demo-fragment-text = Die Token stehen in der Adresse dieser Seite, hinter dem #. Diesen Teil sendet kein Browser an einen Server; ein Skript der Seite reicht ihn weiter.
demo-fragment-address = Adresse
demo-fragment-hint = Wo kein Skript läuft: Kopieren Sie die ganze Adresse dieser Seite oben aus dem Browser und fügen Sie sie hier ein.
demo-fragment-hand-over = Weiterreichen
demo-start-again = Noch einmal beginnen
demo-mails = E-Mails
demo-mails-text = Die E-Mails, die dieser Server gesendet hätte. Er sendet keine: Er ist für die Entwicklung da.
demo-mails-none = Noch gibt es keine. „Passwort vergessen?“ auf der Anmeldeseite macht eine.
demo-mail-from = Von
demo-mail-to = An
demo-mail-open = Link öffnen
demo-systems = Schritt für Schritt
demo-systems-text = Was Clients nach jedem Vertrag senden, den dieser Server spricht, bis zu einem Aufruf einer API, der abgelehnt wird.
demo-sequence-text = Was Clients von { $issuer } senden, eine Anfrage nach der anderen. Jede ist eine echte.
demo-sequence-person = Melden Sie sich als { $person } an; es geht um ein Projekt, eine Firma und ein Haus, zu denen sie gehört.
demo-sequence-account = Jemand anders ist angemeldet? Abmelden
demo-sequence-request = Anfrage
demo-sequence-answer = Antwort
demo-sequence-token = Das Token darin
demo-sequence-send = Senden
demo-sequence-go = Zum Aussteller
demo-sequence-unexpected = Diese Antwort gehört nicht hierher. Versuchen Sie es noch einmal, oder beginnen Sie von vorn.
demo-sequence-done = Das ist alles.
demo-sequence-script = In einer Shell
demo-sequence-script-text = Eine Zeile macht all das mit curl, als alice.
demo-sequence-script-read = Das Skript lesen
demo-check-access-token = Das Access-Token ist nicht das, zu dem das ID-Token gehört (at_hash).
demo-check-audience = Das ID-Token ist für einen anderen Client bestimmt (aud).
demo-check-code = In der Antwort steht kein Code.
demo-check-expired = Das ID-Token ist abgelaufen (exp).
demo-check-extension = Diese Antwort gehört zu keiner Anfrage dieser Erweiterung (state, iss).
demo-check-id-token = Es gibt kein ID-Token: Wurde openid verlangt?
demo-check-installation = Die Erweiterung demo-backups ist nicht mehr installiert.
demo-check-issuer = Die Antwort kommt von einem anderen Aussteller als dem, der gefragt wurde (iss).
demo-check-issuer-of-token = Das ID-Token ist von einem anderen Aussteller (iss).
demo-check-key = Kein Schlüssel des Ausstellers passt zum ID-Token.
demo-check-metadata = Die Metadaten sind die eines anderen Ausstellers.
demo-check-nonce = Das ID-Token gehört zu einer anderen Anfrage (nonce).
demo-check-person = Das neue ID-Token nennt eine andere Person (sub).
demo-check-state = Diese Antwort gehört zu keiner Anfrage dieses Browsers, oder sie wurde schon verwendet (state).
demo-check-unreadable = Die Antwort des Servers war nicht zu lesen.
demo-check-userinfo = Userinfo spricht von einer anderen Person (sub).
demo-step-call = Ein Aufruf der API, den der Wächter durchlässt
demo-step-call-again = Ein Aufruf mit dem, was dabei herauskam
demo-step-call-before = Ein Aufruf mit dem Token davor, das nicht mehr gilt
demo-step-call-implicit = Ein Aufruf mit dem Token aus der Adresse
demo-step-call-of-instance = Ein Aufruf im eigenen Namen der Instanz
demo-step-client-alone = Das Token des Clients für sich selbst
demo-step-code = Der Code wird gegen Token getauscht
demo-step-code-and-state = Das Backend der Erweiterung sendet code und state
demo-step-consents = Was dem Client erlaubt wurde
demo-step-consent-ended = Die Einwilligung wird zurückgenommen
demo-step-disable = Die Instanz wird ausgeschaltet
demo-step-discovery = Was der Aussteller anbietet
demo-step-enable = Die Instanz wird wieder eingeschaltet
demo-step-exchange = Die Erweiterung tauscht den Schlüssel gegen Token der Person
demo-step-implicit = Die Person ist schon bekannt: Das Token kommt in der Adresse, hinter dem #
demo-step-instance = Die Instanz bekommt mit ihrem Geheimnis ein eigenes Token
demo-step-key = Die Person drückt den Knopf der Erweiterung: Das Studio macht einen Schlüssel, der einmal gilt
demo-step-keys = Die Schlüssel, mit denen Token geprüft werden
demo-step-machine = Eine Maschine bekommt ein Token für sich selbst
demo-step-password = Name und Passwort einer Person, mit dem Geheimnis des Clients
demo-step-platform = Das Backend der Plattform bekommt ein Token für die Verwaltungs-API
demo-step-refresh = Die Token werden erneuert
demo-step-refresh-alone = Das Token wird erneuert, und kein Client wird genannt
demo-step-refused = Derselbe Aufruf, den der Wächter jetzt ablehnt
demo-step-revoke = Die Berechtigung wird widerrufen
demo-step-role-given = Die Person bekommt die Rolle zurück
demo-step-role-taken = Die Rolle wird der Person genommen
demo-step-secret = Die Instanz bekommt ein neues Geheimnis
demo-step-sessions = Sie meldet die Person überall ab
demo-step-sign-in = Die Person meldet sich an
demo-step-sign-out = Die Person meldet sich ab
demo-step-studio-sign-in = Die Person meldet sich im Studio an
demo-step-validate = Ob das Token noch gilt
demo-step-who = Wer die Person ist

## Passwort vergessen
forgot-link = Passwort vergessen?
forgot-title = Passwort vergessen
forgot-text = Nennen Sie uns Ihren Benutzernamen oder Ihre E-Mail-Adresse, und wir senden Ihnen einen Link, über den Sie ein neues Passwort wählen.
forgot-button = Link senden
forgot-sent = Sehen Sie in Ihre E-Mails
forgot-sent-text = Wenn es ein Konto dieses Namens gibt, ist ein Link an dessen E-Mail-Adresse unterwegs. Er gilt einmal und eine Stunde lang.
forgot-sent-hint = Nichts angekommen? Sehen Sie im Spam-Ordner nach, und prüfen Sie den eingegebenen Namen.
back-to-sign-in = Zurück zur Anmeldung
reset-title = Neues Passwort wählen
reset-text = für { $user }. Sie werden überall abgemeldet.
reset-button = Passwort ändern
reset-done = Ihr Passwort wurde geändert. Bitte melden Sie sich damit an.
link-spent = Dieser Link gilt nicht mehr
link-spent-text = Er wurde schon benutzt, ist zu alt, oder es wurde ein neuerer gesendet. Bitte fordern Sie einen anderen an.

## E-Mails
mail-greeting = Guten Tag { $name },
mail-button-accept = Einladung annehmen
mail-button-confirm = Bestätigen
mail-button-password = Neues Passwort wählen
mail-button-undo = Alte Adresse zurückholen
mail-account-closed-subject = Ihr Konto bei { $brand } kann nicht benutzt werden
mail-account-closed = Jemand, hoffentlich Sie, hat sich gerade mit dem richtigen Passwort an Ihrem Konto { $user_name } bei { $brand } angemeldet. Das Konto ist zurzeit geschlossen, daher gab es keinen Zugang.

    Wenn Sie das waren, wenden Sie sich bitte an die Verwaltung von { $brand }.
mail-address-changed-subject = Die E-Mail-Adresse Ihres Kontos bei { $brand } wurde geändert
mail-address-changed = Die Verwaltung hat die E-Mail-Adresse Ihres Kontos { $user_name } bei { $brand } geändert. E-Mails dazu kommen nicht mehr hierher.

    Wenn Sie nicht darum gebeten haben, wenden Sie sich bitte an die Verwaltung von { $brand }.
mail-address-confirm-subject = Ist das Ihre Adresse?
mail-address-confirm = Das Konto { $user_name } bei { $brand } soll von nun an diese E-Mail-Adresse haben. Bitte bestätigen Sie, dass sie Ihnen gehört. Der Link gilt einen Tag lang.

    Wenn Sie davon nichts wissen, müssen Sie nichts tun.
mail-address-replaced-subject = Ihre E-Mail-Adresse bei { $brand } wurde geändert
mail-address-replaced = Die E-Mail-Adresse Ihres Kontos { $user_name } bei { $brand } ist nun { $new_address }.

    Wenn Sie das nicht waren: Der Link holt diese Adresse zurück, meldet alle ab und lässt Sie ein neues Passwort wählen. Er gilt sieben Tage lang.
mail-address-verify-subject = Bitte bestätigen Sie Ihre E-Mail-Adresse
mail-address-verify = Bitte bestätigen Sie, dass dies die E-Mail-Adresse Ihres Kontos { $user_name } bei { $brand } ist. Der Link gilt einen Tag lang.
mail-factor-added-subject = Für Ihr Konto bei { $brand } wurde ein zweiter Faktor eingerichtet
mail-factor-added = Für Ihr Konto { $user_name } bei { $brand } wurde eine Authentifizierungs-App als zweiter Faktor eingerichtet, mit neuen Wiederherstellungscodes. Was vorher eingerichtet war, gilt nicht mehr. Netzadresse: { $address }.

    Wenn Sie das nicht waren, kennt jemand Ihr Passwort: Ändern Sie es bitte jetzt, und sehen Sie in Ihr Konto: { $account }
mail-factor-removed-subject = Der zweite Faktor Ihres Kontos bei { $brand } wurde entfernt
mail-factor-removed = Der zweite Faktor Ihres Kontos { $user_name } bei { $brand } wurde ausgeschaltet: Das Passwort allein genügt zur Anmeldung. Netzadresse: { $address }.

    Wenn Sie das nicht waren, kennt jemand Ihr Passwort: Ändern Sie es bitte jetzt, und sehen Sie in Ihr Konto: { $account }
mail-factor-reset-subject = Ihr zweiter Faktor bei { $brand } wurde entfernt
mail-factor-reset = Die Verwaltung hat den zweiten Faktor Ihres Kontos { $user_name } bei { $brand } entfernt. In Ihrem Konto können Sie einen neuen einrichten: { $account }

    Wenn Sie nicht darum gebeten haben, wenden Sie sich bitte an die Verwaltung von { $brand }.
mail-invitation-subject = Sie sind zu { $brand } eingeladen
mail-invitation = Sie sind eingeladen, ein Konto bei { $brand } anzulegen. Nehmen Sie die Einladung an, um Benutzernamen und Passwort zu wählen. Der Link gilt einmal, sieben Tage lang.
mail-new-device-subject = Neue Anmeldung an Ihrem Konto bei { $brand }
mail-new-device = Jemand hat sich gerade von einem unbekannten Browser an Ihrem Konto { $user_name } angemeldet: { $device }, Netzadresse { $address }.

    Wenn Sie das waren, ist alles in Ordnung. Wenn nicht, ändern Sie bitte jetzt Ihr Passwort: { $account }
mail-password-changed-subject = Ihr Passwort bei { $brand } wurde geändert
mail-password-changed = Das Passwort Ihres Kontos { $user_name } bei { $brand } wurde gerade geändert, von der Netzadresse { $address } aus.

    Wenn Sie das nicht waren, wählen Sie bitte über „Passwort vergessen?“ auf der Anmeldeseite ein neues, und wenden Sie sich an die Verwaltung von { $brand }.
mail-password-replaced-subject = Ihr Passwort bei { $brand } wurde ersetzt
mail-password-replaced = Die Verwaltung hat für Ihr Konto { $user_name } bei { $brand } ein anderes Passwort gesetzt. In Ihrem Konto können Sie ein neues wählen: { $account }

    Wenn Sie nicht darum gebeten haben, wenden Sie sich bitte an die Verwaltung von { $brand }.
mail-password-reset-subject = Ihr neues Passwort bei { $brand }
mail-password-reset = Jemand, hoffentlich Sie, hat um ein neues Passwort für Ihr Konto bei { $brand } gebeten. Wählen Sie es hier. Der Link gilt einmal und eine Stunde lang.

    Wenn Sie das nicht waren, müssen Sie nichts tun: Ihr Passwort bleibt, wie es ist.
mail-recovery-code-used-subject = Ein Wiederherstellungscode Ihres Kontos bei { $brand } wurde benutzt
mail-recovery-code-used = Für Ihr Konto { $user_name } bei { $brand } wurde ein Wiederherstellungscode benutzt. Übrige Codes: { $left }. Netzadresse: { $address }.

    Wenn Sie das nicht waren, kennt jemand Ihr Passwort und Ihre Wiederherstellungscodes: Ändern Sie bitte jetzt das Passwort, und lassen Sie neue Codes anlegen: { $account }
mail-recovery-codes-made-subject = Neue Wiederherstellungscodes für Ihr Konto bei { $brand }
mail-recovery-codes-made = Für Ihr Konto { $user_name } bei { $brand } wurden neue Wiederherstellungscodes angelegt. Die bisherigen gelten nicht mehr. Netzadresse: { $address }.

    Wenn Sie das nicht waren, kennt jemand Ihr Passwort: Ändern Sie es bitte jetzt, und sehen Sie in Ihr Konto: { $account }
mail-sign-up-subject = Ihr Konto bei { $brand }: bitte bestätigen Sie Ihre Adresse
mail-sign-up = Bitte bestätigen Sie, dass dies Ihre E-Mail-Adresse ist. Danach wählen Sie Benutzername und Passwort Ihres Kontos bei { $brand }. Der Link gilt einen Tag lang.

    Wenn Sie davon nichts wissen, müssen Sie nichts tun: Es wird kein Konto angelegt.
mail-sign-up-known-subject = Sie haben schon ein Konto bei { $brand }
mail-sign-up-known = Jemand, hoffentlich Sie, wollte sich bei { $brand } mit dieser E-Mail-Adresse registrieren. Sie haben schon ein Konto: { $user_name }.

    Wenn Sie das Passwort vergessen haben, wählen Sie über „Passwort vergessen?“ auf der Anmeldeseite ein neues.

## Die Konsole
console-about = Beschreibung
console-activate-secret = In Kraft setzen
console-activate-secret-question = Das wartende Geheimnis wird das gültige; das bisherige läuft aus.
console-acts = Handlungen
console-back = Zurück
console-cancel = Abbrechen
console-change-permissions = Befugnisse ändern
console-change-permissions-question = Die Rolle { $id } erlaubt dann, was im Aufruf steht, und nichts anderes.
console-change-roles = Rollen ändern
console-change-roles-question = { $id } hat dann im ganzen Mandanten die Rollen, die im Aufruf stehen, und keine anderen. Rollen in Kontexten bleiben.
console-conflict = Jemand war schneller. So ist es jetzt; es ist nichts geschehen.
console-continue = Weiter
console-disable = Abschalten
console-disable-client = { $id } bekommt keine Token mehr, und die vorhandenen sind tot, bis es wieder eingeschaltet wird.
console-disable-context = Niemand kann etwas in { $id } oder darunter tun, bis er wieder eingeschaltet wird.
console-disable-person = { $id } kann nichts mehr tun. Ihre Sitzungen und was Anwendungen von ihr halten, enden endgültig.
console-document = Wie es sein soll, als JSON
console-document-hint = Die Angaben sind die der Verwaltungs-API. Was nur gelesen wird, wird übergangen.
console-edit = Bearbeiten
console-edit-conflict = Jemand war schneller, und es wurde nichts getan. Unten steht, was Sie geschrieben haben; für den jetzigen Stand öffnen Sie die Seite bitte neu.
console-edit-question = Gespeichert wird das Ganze: Was weggelassen wird, ist, als wäre es nie gesetzt worden, außer die API sagt, dass es bleibt.
console-enable = Einschalten
console-enable-client = { $id } kann wieder Token bekommen.
console-enable-context = In { $id } gilt wieder, was Rollen erlauben.
console-enable-person = { $id } kann sich wieder anmelden.
console-failed = Das ging nicht. Es ist nichts geschehen.
console-failed-forbidden = Das dürfen Sie nicht.
console-failed-gone = Das gibt es nicht mehr.
console-failed-in-use = Anwendungen nennen es noch. Nehmen Sie es dort zuerst heraus.
console-failed-invalid = Darin stimmt etwas nicht; es wurde nichts getan.
console-failed-later = Der Server kann das gerade nicht. Bitte versuchen Sie es gleich noch einmal.
console-failed-refused = Das geht nicht, weil dem etwas entgegensteht.
console-failed-taken = Es gibt schon etwas dieses Namens.
console-lock = Sperren
console-lock-question = { $id } kann sich nicht anmelden, und Anwendungen bekommen nichts in ihrem Namen, bis sie entsperrt wird.
console-incident = Alles beenden
console-incident-extension = { $id } wird überall gesperrt, und kein Geheimnis davon oder von seinen Installationen wirkt noch. Was bisher ausgestellt wurde, bleibt tot, auch wenn es weitergeht.
console-incident-installation = { $id } wird gesperrt, und keines der Geheimnisse wirkt noch. Was bisher ausgestellt wurde, bleibt tot, auch wenn es weitergeht.
console-incident-person = { $id } wird überall abgemeldet und gesperrt, bis jemand das Konto entsperrt. Was bisher ausgestellt wurde, bleibt tot.
console-receipt = Was beendet wurde
console-help = Hilfe
console-make-api = Neue API
console-make-client = Neue Anwendung
console-make-context = Neuer Kontext
console-make-issuer = Neuer Aussteller
console-make-pending = Wartendes Geheimnis erzeugen
console-make-pending-question = Ein Geheimnis wird erzeugt, das erst gilt, wenn es in Kraft gesetzt wird.
console-make-question = Das Nötige steht schon da; alles andere, was die Verwaltungs-API kennt, kann dazukommen.
console-make-user = Neue Person
console-put-member = Zum Mitglied machen oder Rollen ändern
console-put-member-question = Die Person gehört zu { $id } und hat dort die Rollen im Aufruf und keine anderen.
console-remove-api = { $id } wird entfernt, außer eine Anwendung nennt sie noch.
console-remove-context = { $id } wird entfernt, und alles darunter. Niemand gehört mehr dazu.
console-remove-member = Entfernen
console-remove-member-question = Die Person gehört nicht mehr zu { $id } und verliert ihre Rollen dort.
console-reset-link = Link für ein neues Passwort
console-reset-link-question = Es entsteht ein Link, mit dem { $id } ein neues Passwort wählt. Er gilt einmal, eine Stunde lang, und wird einmal gezeigt, auf der nächsten Seite.
console-save = Speichern
console-sign-in-link = Link zum Anmelden
console-sign-in-link-question = Es entsteht ein Link, der { $id } ohne Passwort anmeldet. Er gilt einmal, eine Stunde lang, und wird einmal gezeigt, auf der nächsten Seite. Wer ihn hat, kommt hinein.
console-require-password = Neues Passwort verlangen
console-require-password-question = { $id } wählt bei der nächsten Anmeldung ein neues Passwort, bevor etwas geöffnet wird.
console-reset-factor = Zweiten Faktor wegnehmen
console-reset-factor-question = Der zweite Faktor und die Wiederherstellungscodes von { $id } gelten nicht mehr. Die Person erfährt es per E-Mail, wenn sie eine Adresse hat.
console-password-due = Neues Passwort verlangt
console-invite = Jemanden einladen
console-invite-question = Jemand wird mit dem eingeladen, was unten steht. Benutzername und Passwort wählt die Person selbst; die Einladung gilt einmal, sieben Tage lang.
console-invite-way = Wie
console-invite-link = Mit einem Link, der einmal gezeigt wird
console-invite-mail = Per E-Mail
console-invite-email-hint = Ohne Adresse darf, wer den Link hat, jede nehmen.
console-invite-context-hint = Dort wird die Person Mitglied: die Kennung mit Art, etwa project/p-123.
console-invitations = Offene Einladungen
console-invited-to = Gibt
console-withdraw-invitation = Zurückziehen
console-withdraw-invitation-question = Die Einladung wird zurückgezogen: ihr Link gilt nicht mehr.
console-context-roles = Rollen dort
console-make-role = Rolle anlegen
console-make-role-question = Die Rolle { $id } wird angelegt; auf ihrer Seite bekommt sie Befugnisse.
console-once = Es wird nur dieses eine Mal gezeigt. Bewahren Sie es jetzt auf:
console-permissions-hint = Eine je Zeile, wie orders:read oder orders:*
console-remove = Entfernen
console-remove-client = { $id } wird mit seinen Geheimnissen und allen Freigaben von Personen entfernt. Das lässt sich nicht zurücknehmen.
console-remove-person = { $id } wird mit Sitzungen, Rollen und Freigaben an Anwendungen entfernt. Das lässt sich nicht zurücknehmen.
console-remove-role = Die Rolle { $id } wird entfernt; wer sie hatte, hat sie nicht mehr, und Anwendungen, die sie nennen, nennen sie nicht mehr. Das lässt sich nicht zurücknehmen.
console-unlock = Entsperren
console-unlock-question = { $id } kann sich wieder anmelden, und was Anwendungen in ihrem Namen hielten, gilt wieder.
console-active = Aktiv
console-address = Adresse
console-administrator = Administrator
console-algorithm = Verfahren
console-all-done = Was diese Person tat
console-and-more = und mehr
console-actor-hint = Die Kennung einer Person oder Anwendung, oder: operator, server
console-all-events = Alle Ereignisse
console-all-grants = Alle Berechtigungen
console-allowed = Anwendungen mit Zugriff
console-no-allowed = Hat noch keiner Anwendung etwas erlaubt.
console-sessions = Wo die Person angemeldet ist
console-themselves = Selbst
console-any = Alle
console-apis = APIs
console-asked = Verlangt
console-audit = Protokoll
console-auth-method = Anmeldung
console-below = Kontexte darin
console-call = API-Aufruf
console-changed = Geändert
console-client = Anwendung
console-clients = Anwendungen
console-clients-find = Kennung, von ihrem Anfang an
console-clients-like = Anwendungen, deren Kennung so beginnt
console-confidential = Vertraulich
console-context = Kontext
console-contexts = Kontexte
console-contexts-find = Kennung, von ihrem Anfang an
console-current = In Kraft
console-kind-bad = Diese Art von Ereignissen gibt es nicht. Was gezeigt wird, ist dadurch nicht begrenzt.
console-person-name = Person: Name, Adresse oder Kennung
console-when-utc = Wann, in UTC
console-date-bad = Ein Datum ließ sich nicht lesen. Was gezeigt wird, ist dadurch nicht begrenzt.
console-date-hint = Wie 2026-11-26 oder 2026-11-26 14:30, in UTC
console-device = Browser
console-disabled = Abgeschaltet
console-done = Erledigt.
console-earlier = Früher
console-end-consent = Widerrufen
console-end-consent-question = Was die Person dieser Anwendung erlaubt hat, endet, mit allen ihren Token. Die Anwendung muss neu fragen.
console-end-grant = Beenden
console-end-grant-question = Berechtigung { $id } endet, mit allen ihren Token. Die Person kann sich bei der Anwendung neu anmelden.
console-end-session = Beenden
console-end-session-question = Sitzung { $id } endet. Die Person ist in diesem Browser abgemeldet und bei den Anwendungen, die daran hängen.
console-end-sessions = Überall abmelden
console-end-sessions-question = { $id } wird in jedem Browser abgemeldet und bei den Anwendungen, die daran hängen.
console-make-secret = Geheimnis anlegen
console-make-secret-question = { $id } bekommt ein weiteres Geheimnis. Es wird einmal gezeigt, auf der nächsten Seite.
console-remove-secret = Entfernen
console-remove-secret-question = Ein Geheimnis von { $id } gilt sofort nicht mehr. Das lässt sich nicht zurücknehmen.
console-retire = Sekunden, bis die anderen Geheimnisse enden
console-retire-hint = 86400 ist ein Tag. Ohne Angabe bleiben sie.
console-rotate-key = Wechseln
console-rotate-key-question = Von jetzt an signiert der nächste Schlüssel für { $id }. Der jetzige bleibt veröffentlicht, solange seine Token leben.
console-withdraw-key = Zurückziehen
console-withdraw-key-question = Schlüssel { $id } wird sofort zurückgezogen: Nichts, was er signiert hat, gilt mehr. Das lässt sich nicht zurücknehmen.
console-ended = Beendet
console-every-method = alle
console-everywhere = Im ganzen Mandanten
console-export = Als JSON-Zeilen
console-external = Externe Kennung
console-find = Person, Anwendung oder Token suchen
console-find-button = Suchen
console-find-hint = Name, Kennung oder Token
console-first = Von vorn
console-first-party = Plattformeigen
console-format = Token
console-found-nothing = Nichts gefunden
console-found-nothing-text = Hier heißt keine Person, keine Anwendung und kein Token genau so.
console-from = Ab
console-grant = Berechtigung
console-grant-of = Was { $client } von { $person } hält
console-grant-types = Grant-Typen
console-grants = Berechtigungen
console-holders = Wer sie hat
console-id = Kennung
console-issuers = Aussteller
console-jwks-uri = Schlüssel unter
console-key = Schlüssel
console-key-current = Signiert
console-key-next = Nächster
console-key-previous = Veröffentlicht
console-key-retired = Ausgeschieden
console-keys = Schlüssel
console-kind = Art
console-lacks = Ihnen fehlt die Berechtigung, die diese Seite braucht.
console-lacks-title = Nicht erlaubt
console-latest = Neueste
console-locked = Gesperrt
console-logout-redirects = Adressen nach dem Abmelden
console-logout-told = Erfährt von Abmeldungen unter
console-look-elsewhere = In einer Liste suchen
console-looked-back = Durchgesehen bis
console-members = Mitglieder
console-memberships = Kontexte
console-methods = Methoden
console-more = Einzelheiten
console-next = Nächste Seite
console-no = Nein
console-no-clients = Es gibt keine.
console-no-contexts = Es gibt keine.
console-no-events = Es ist nichts geschehen.
console-no-grants = Es gibt keine.
console-no-holders = Niemand hat sie.
console-no-issuers = Es gibt keine.
console-no-members = Niemand gehört dazu.
console-no-memberships = Gehört zu keinem Kontext.
console-no-people = So heißt niemand.
console-no-roles = Es gibt keine.
console-no-scopes = Es gibt keine.
console-no-secrets = Es gibt keine.
console-no-sessions = Ist nirgends angemeldet.
console-nothing = Nichts zu verwalten
console-nothing-asked = nichts: offen für alle
console-nothing-do = Wie es weitergeht
console-nothing-text = Sie sind angemeldet als { $person } und verwalten nichts von { $tenant }. Wer es verwaltet, kann Ihnen eine Rolle dafür geben; melden Sie sich danach neu an.
console-offline = Überdauert die Sitzung
console-open = Offen
console-operator = Betreiber
console-over = Vorbei
console-overview = Übersicht
console-parent = Liegt in
console-password-none = Keines
console-password-set = Gesetzt
console-path = Pfad
console-pending = Vorbereitet
console-people = Personen
console-people-find = Benutzername oder E-Mail-Adresse, vom Anfang an, oder eine Kennung
console-people-like = Personen, deren Name so beginnt
console-permission = Befugnis
console-permissions = Befugnisse
console-person = Person
console-pkce = PKCE verlangt
console-proof = Nachweis
console-public = Öffentlich
console-recent = Was zuletzt geschah
console-redeemed = Eingelöst
console-redirects = Rücksprungadressen
console-registration = Registrierung
console-retiring = Läuft aus
console-role = Rolle
console-roles = Rollen
console-routes = Was der Wächter verlangt
console-scope = Scope
console-scopes = Scopes
console-second-factor = Braucht einen zweiten Faktor
console-secrets = Geheimnisse
console-server = Server
console-show = Anzeigen
console-signed-in = Angemeldet
console-signed-in-within = Anmeldung nicht älter als
console-since = Seit
console-skip = Zum Inhalt springen
console-stale = Diese Seite war zu lange offen. Es ist nichts geschehen; bitte versuchen Sie es hier noch einmal.
console-state = Zustand
console-tenant = Mandant
console-tenants = Mandanten
console-title = Verwaltung
console-to = Vor
console-token-asked = ein Token
console-token-life = Zugriffstoken leben
console-trail = Weg zu dieser Seite
console-unknown = Unbekannt
console-until = Bis
console-used = Zuletzt benutzt
console-what = Was
console-where = Wo
console-who = Durch wen
console-yes = Ja
## Hilfe
sign-up-title = Konto anlegen
sign-up-text = Geben Sie Ihre E-Mail-Adresse ein. Der Link in der E-Mail, die wir dorthin senden, führt weiter.
sign-up-domain = Konten lassen sich hier nur mit Adressen bestimmter Domains anlegen. Diese gehört nicht dazu.
sign-up-sent = Eine E-Mail ist zu Ihnen unterwegs. Der Link darin gilt einen Tag lang.
choose-due = Bevor es weitergeht, wählen Sie bitte ein neues Passwort.
link-taken = Die Adresse gehört zu einem anderen Konto
link-taken-text = Sie wurde inzwischen einem anderen Konto gegeben. Es wurde nichts geändert.
link-sign-in = Mit einem Link anmelden
link-sign-in-text = Dieser Link meldet Sie als { $user } an. Er gilt einmal.
link-confirm = Ist das Ihre Adresse?
link-confirm-text = { $address } wird die bestätigte Adresse des Kontos { $user }.
link-confirm-button = Bestätigen
link-confirmed = Ihre Adresse ist bestätigt
link-confirmed-text = Von jetzt an gehen E-Mails zu Ihrem Konto an { $address }.
link-undo = Alte Adresse behalten
link-undo-text = { $address } wird wieder die Adresse des Kontos { $user }. Wer sie geändert hat, kennt vielleicht das Passwort: Es wird entfernt, ebenso ein seither eingerichteter zweiter Faktor, und alle werden abgemeldet. Danach wählen Sie ein neues Passwort.
link-undo-button = Rückgängig machen
link-undone = Ihre alte Adresse gilt wieder
link-undone-text = E-Mails zu Ihrem Konto gehen wieder an { $address }. Das bisherige Passwort gilt nicht mehr: Wählen Sie jetzt ein neues.
link-to-account = Zu Ihrem Konto
join-invited = Sie sind eingeladen
join-title = Ihr Konto anlegen
join-text = Wählen Sie einen Benutzernamen und ein Passwort.
join-button = Konto anlegen
join-done = Ihr Konto ist angelegt. Bitte melden Sie sich an.
join-bad-name = Dieser Name ist zu lang oder enthält Zeichen, die sich nicht anzeigen lassen.
join-name-taken = Dieser Benutzername ist vergeben. Bitte wählen Sie einen anderen.
join-address-taken = Zu dieser Adresse gibt es schon ein Konto. Melden Sie sich damit an, oder wählen Sie dafür ein neues Passwort.
email-title = E-Mail-Adresse
email-text = Die neue Adresse gilt, sobald Sie den Link geöffnet haben, den wir dorthin senden. Die alte wird benachrichtigt und kann die Änderung eine Woche lang rückgängig machen.
email-new = Neue E-Mail-Adresse
email-button = Link senden
email-verify = Diese Adresse bestätigen
email-verifying = Eine E-Mail mit einem Link ist zu Ihrer Adresse unterwegs.
email-changing = Eine E-Mail mit einem Link ist zur neuen Adresse unterwegs. Bis Sie ihn öffnen, ändert sich nichts.
email-same = Das ist die Adresse, die Sie schon haben.
email-too-many = In der letzten Stunde wurden mehrere E-Mails gesendet. Bitte warten Sie, bevor Sie eine weitere anfordern.
account-email-change = Ändern oder bestätigen
link-over-text = Er wurde schon benutzt, es gibt einen neueren, oder er ist zu alt.
link-over-join = Er wurde schon benutzt oder ist zu alt. Wenn Sie eingeladen wurden, bitten Sie um einen neuen; wenn Sie sich selbst registriert haben, beginnen Sie bitte noch einmal.
mail-greeting-plain = Guten Tag,
mail-address-taken-subject = Ihre Adresse wurde für ein anderes Konto angegeben
mail-address-taken = Jemand möchte diese Adresse für ein anderes Konto bei { $brand } verwenden. Sie gehört schon zu einem Konto, deshalb wurde nichts geändert.

    Wenn Sie das waren, melden Sie sich mit dem Konto an, das diese Adresse hat. Wenn nicht, müssen Sie nichts tun.

## Die Konsole: Erweiterungen
console-make-extension = Neue Erweiterung
console-accept-manifest = In Kraft setzen
console-accept-manifest-question = Was die Anbieterseite von { $id } vorschlägt, tritt in Kraft. Was bei Installationen freigegeben wurde, bleibt, wie es ist.
console-reject-manifest = Verwerfen
console-reject-manifest-question = Was die Anbieterseite von { $id } vorschlägt, wird verworfen; was in Kraft ist, bleibt.
console-verify = Als geprüft markieren
console-verify-question = { $id } ist geprüft. Von nun an schlägt die Anbieterseite Änderungen des Manifests vor.
console-publish = Veröffentlichen
console-publish-question = Wer etwas installieren darf, findet { $id }.
console-deprecate = Auslaufen lassen
console-deprecate-question = Niemand installiert { $id } mehr. Was installiert ist, läuft weiter.
console-suspend = Anhalten
console-suspend-extension = { $id } wird in allen Installationen angehalten. Was bisher ausgestellt wurde, bleibt tot, auch wenn es weitergeht.
console-resume = Weiterlaufen lassen
console-resume-extension = { $id } arbeitet wieder, wo es installiert ist. Was vor dem Anhalten ausgestellt wurde, bleibt tot.
console-withdraw = Zurückziehen
console-withdraw-question = Nichts von { $id } arbeitet mehr, in keiner Installation. Das lässt sich nicht zurücknehmen.
console-remove-extension = { $id } wird mit der zugehörigen Anwendung entfernt, außer wenn es irgendwo installiert ist. Das lässt sich nicht zurücknehmen.
console-make-installation = Erweiterung installieren
console-disable-installation = Nichts von { $id } arbeitet, bis es wieder aktiviert wird; was bisher ausgestellt wurde, bleibt tot.
console-enable-installation = { $id } arbeitet wieder.
console-suspend-installation = Nichts von { $id } arbeitet, und die Mitglieder können es nicht aktivieren; was bisher ausgestellt wurde, bleibt tot.
console-resume-installation = { $id } ist wieder so, wie die Mitglieder es gelassen haben.
console-remove-installation = { $id } wird entfernt: Token und Geheimnisse sind sofort tot, und die Erweiterung erfährt davon. Das lässt sich nicht zurücknehmen.
console-rotate-secret = Neues Geheimnis für die Erweiterung
console-rotate-secret-question = Ein neues Geheimnis wird erzeugt und der Erweiterung mitgeteilt. Das bisherige gilt, bis das neue benutzt wird, und einen Tag länger.
console-rotate-shown = Neues Geheimnis, hier gezeigt
console-rotate-shown-question = Ein neues Geheimnis wird erzeugt und einmal gezeigt, auf der nächsten Seite. Das bisherige gilt, bis das neue benutzt wird, und einen Tag länger.
console-show-secret = Zeigen
console-show-secret-question = Das wartende Geheimnis wird einmal gezeigt, auf der nächsten Seite; danach ist es in Kraft.
console-confirm-secret-question = Das wartende Geheimnis wird das geltende; die davor gelten noch einen Tag.
console-end-secret = Beenden
console-end-secret-question = Das Geheimnis gilt ab sofort nicht mehr. Wer es benutzt, wird abgewiesen.
console-age = Alter
console-all-installations = Alle Installationen
console-asks-for = Was sie verlangt
console-asks-nothing = Sie verlangt nichts.
console-audiences = Weitere Empfänger
console-callback = Rückkehradresse
console-consent = Zustimmung
console-consent-asked = Jedes Mitglied wird einmal gefragt
console-consent-implicit = Stillschweigend: Wer sie installiert, stimmt für alle zu
console-contributor = Gemacht von
console-delivered = Der Erweiterung bekannt seit
console-deprecated = Läuft aus
console-deprecated-on = Nicht mehr verlässlich nach
console-draft = Entwurf
console-extension = Erweiterung
console-extensions = Erweiterungen
console-fits = Installierbar in
console-frames = Gezeigt in Rahmen von
console-in-force = Jetzt
console-installation = Installation
console-installations = Installationen
console-installed-by = Installiert von
console-installed-in = { $extension } in { $context }
console-launch = Startadresse
console-manifest-version = Fassung des Manifests
console-member = Angabe
console-no-extensions = Es gibt keine.
console-no-installations = Es gibt keine.
console-optional = Kann verweigert werden
console-proposed = Was die Anbieterseite vorschlägt
console-proposed-short = Änderung vorgeschlagen
console-published = Veröffentlicht
console-reason = Wozu
console-settings = Einstellungen
console-suspended = Angehalten
console-the-tenant = Der Mandant selbst
console-variant = Variante
console-variants = Varianten
console-verified = Geprüft
console-webhook = Webhook-Adresse
console-wished = Vorgeschlagen
console-withdrawn = Zurückgezogen

## Die Konsole: warum, und was Erweiterungen gemeldet wird
console-see-also = Siehe auch
console-explain = Warum darf sie das, oder nicht?
console-explain-request = Eine Anfrage, die gestellt würde
console-explain-request-text = Welche Anwendung, für wen (für sich selbst, wenn niemand genannt ist), durch welche Installation, und mit welchen Berechtigungen.
console-explain-token = Ein Token
console-explain-token-text = Was es jetzt darf. Es wird nirgends aufbewahrt.
console-explain-button = Erklären
console-explain-several = Sie ist an mehreren Orten installiert, zu denen die Person gehört: nennen Sie eine dieser Installationen
console-explained = Was dabei herauskommt
console-token = Token
console-granted = Gewährt
console-granted-nothing = Nichts
console-why-nothing = Nichts wird ausgestellt
console-dead = Tot
console-who-changes = Wer es ändern könnte
console-who-nobody = Noch niemand; wer den Server betreibt
console-who-others = und andere
console-removed-by = Weggenommen durch
console-is-granted = Gewährt
console-is-removed = Nicht gewährt
console-clause-client = Die Anwendung ist dafür nicht eingetragen
console-clause-api = Keine API, die die Anwendung nutzen darf, hat dies, oder sie ist abgeschaltet
console-clause-installation = Bei der Installation wurde dem nicht zugestimmt
console-clause-consent = Die Person hat es dieser Anwendung nicht erlaubt
console-clause-person = Die Person hat dort nicht
console-clause-role-map = Die Person hat es dort, aber was diese Anwendung Rollen erlaubt, lässt es aus:
console-roles-that-give-it = Rollen, die es geben:
console-deliveries = Zustellungen
console-line = Was wartet
console-line-paused = Angehalten
console-line-waits = Wartet
console-line-empty = Nichts wartet
console-line-paused-at = Angehalten seit
console-line-tried = Vergeblich versucht
console-line-due = Nächster Versuch
console-why = Warum
console-webhooks = Was gemeldet wird
console-webhook-kind = Art
console-no-webhooks = In letzter Zeit nichts.
console-attempts = Versuche
console-no-attempts = In letzter Zeit gab es keine.
console-number = Nummer
console-status = Status
console-duration = Dauer
console-answer = Antwort
console-settled = Erledigt
console-waiting = Wartet
console-aborted = Hinfällig
console-was-delivered = Zugestellt
console-given-up = Aufgegeben
console-pulled = Wird abgeholt
console-skipped = Übergangen
console-tried = Was sie geantwortet hat
console-pause-webhooks = Anhalten
console-pause-webhooks-question = Der Erweiterung von { $id } wird nichts mehr gemeldet, bis es weitergeht. Was inzwischen geschieht, wartet.
console-resume-webhooks = Weiter
console-resume-webhooks-question = Der Erweiterung von { $id } wird gemeldet, was wartet, in seiner Reihenfolge.
console-try-webhook = Ausprobieren
console-try-webhook-question = Der Erweiterung von { $id } wird gemeldet, als wäre etwas geschehen, und ihre Antwort wird gezeigt. Nichts wird geändert.
console-resend-webhook = Noch einmal senden
console-resend-webhook-question = Der Erweiterung von { $id } wird dies noch einmal gemeldet. Ein Geheimnis, das sie hat, bleibt weg.
console-skip-webhook = Übergehen
console-skip-webhook-question = Der Erweiterung von { $id } wird dies nicht mehr gemeldet; es geht mit dem Nächsten weiter. Ein Geheimnis, das damit käme, erfährt sie nicht.
