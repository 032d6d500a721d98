# English: every text of every page. Messages hold no markup; variables are escaped where they are shown.

## Around every page
frame-host = You are at
signed-in-as = Signed in as
back-to-client = Back to { $client }
back-to-console = Back to administration
to-account = Go to your account
copy-details = Copy details
copied = Copied

## Fields
field-username = User name
field-login = User name or e-mail address
field-password = Password
field-password-again = Password again
field-password-current = Current password
field-password-new = New password
field-password-new-again = New password again
field-email = E-mail address
field-name = Name
field-language = Language
password-show = Show
password-hide = Hide
password-hint = { $count ->
    [one] At least one character. A few unrelated words make a good one.
   *[other] At least { $count } characters. A few unrelated words make a good one.
}

## Why a password is not taken
password-differs = The two new passwords are not the same. Please type both again.
password-holds-name = A password must not hold your name or that of this service. Please choose another one.
password-known = This is one of the passwords that are tried first, because many people have had it. Please choose another one.
password-same = This is the password that you have had so far. Please choose another one.
password-too-common = This password is easy to guess: rows of keys, repeats, dates and single words are tried first. Please choose another one.
password-too-long = This password is too long. Please choose a shorter one.
password-too-short = { $count ->
    [one] This password is too short. It needs at least one character.
   *[other] This password is too short. It needs at least { $count } characters.
}
password-unusable = This password holds characters that cannot be typed everywhere. Please choose another one.
password-wrong-current = The current password is not right. Nothing was changed.

## Sign in
sign-in-title = Sign in
sign-in-client = to continue to { $client }
sign-in-button = Sign in
sign-in-remember = Stay signed in
sign-in-remember-hint = Only on a device that nobody else uses.
sign-in-refused = User name or password is not right. Please try again.
sign-in-throttled = There were too many tries. Please wait { $span } and try again.
sign-in-again = Please confirm that it is you by signing in again.
sign-in-set-up = Your administrator account is ready. Please sign in.
sign-in-stale = This page had been open too long or was used in another tab. Please try again here.

## Second factor
factor-title = Confirm that it is you
factor-code = Code from your authenticator app
factor-code-hint = Six digits, new every thirty seconds.
factor-button = Continue
factor-by-recovery = Use a recovery code instead
factor-by-code = Use the authenticator app instead
factor-recovery = Recovery code
factor-recovery-hint = One of the codes that you kept when you set up the app. Each works once.
factor-code-wrong = This code is not right. Please enter the one that the app shows now.
factor-code-used = This code has been used already. Please wait for the next one.
factor-recovery-wrong = This recovery code is not right, or has been used already.
factor-enrol-title = Set up an authenticator app
factor-enrol-due = Your account needs a second step at sign-in.
factor-enrol-text = Scan the image with an authenticator app, and enter the code that it shows.
factor-qr = QR code for your authenticator app
factor-open-app = Open an authenticator app on this device
factor-secret = Or type this key into the app
factor-first-code = Code that the app shows
factor-first-code-hint = Six digits. It shows that the app is set up.
factor-enrol-button = Set up
factor-codes-title = Keep your recovery codes
factor-codes-done = Your authenticator app is set up.
factor-codes-new = Here are your new recovery codes. The ones before no longer work.
factor-codes-text = If you lose your device, each of these codes lets you sign in once. They are shown only now: print them, or keep them in a password manager.
factor-codes-kept = I have kept them
factor-manage-title = Two-step sign-in
factor-is-on = A code from your authenticator app is asked for when you sign in.
factor-is-off = Your password is all that is asked for when you sign in. An authenticator app protects your account even if somebody learns it.
factor-since = Set up
factor-codes-left = { $count ->
    [0] No recovery codes left
    [one] One recovery code left
   *[other] { $count } recovery codes left
}
factor-password-hint = To make sure that it is you.
factor-begin = Set up an authenticator app
factor-change = Change
factor-replace = Use another app or device
factor-new-codes = Make new recovery codes
factor-remove = Turn off
factor-added = Two-step sign-in is on.
factor-removed = Two-step sign-in is off.
factor-must-stay = Your account needs two-step sign-in. It cannot be turned off.

## Extensions in frames
framed-title = Sign in
framed-text = { $client } is shown inside another page. You sign in in a window of your own, where you see the address.
framed-open = Open sign-in
framed-again = Try again
framed-refused = That did not work. Please try again.
framed-no-cookie = Your browser keeps nothing for this part of the page, so you cannot be signed in here. Open the extension in a window of its own.
framed-no-script = This needs JavaScript.
handover-title = Go on in the other page
handover-text = { $client } goes on in the page that you came from.
handover-alone = You are signed in. Close this window, and choose “Open sign-in” once more in the page that you came from.
handover-refused = That did not work here. Open the extension once from the list of your extensions.

## Choose an account
select-title = Choose an account
select-other = Use another account

## Extensions of a person
extensions-title = Your extensions
extensions-text = What is installed in projects, customers and other places that you belong to.
extensions-installed = Installed
extensions-none = Nothing is installed in anything that you belong to.
extensions-available = Available
extensions-none-available = There is nothing that you could install and that is not installed yet.
extensions-next = More extensions
extensions-removed = The extension was removed there.
extensions-return = Back to your extensions
extension-install = Install
extension-unpublished = Not published yet
extension-by = By
extension-for = For
extension-more-places = { $count ->
    [one] and one more place
   *[other] and { $count } more places
  }
extension-where = Installed in
extension-since = Since
extension-open = Open
extension-show = Show it here
extension-disabled = Switched off
extension-suspended = Suspended
extension-withdrawn = Withdrawn
extensions-back = Back to your account
account-extensions = Extensions
account-extensions-open = Open what is installed where you belong
select-installation-title = Where do you want to open it?
select-installation-text = { $client } is installed in several places that you belong to.
ask-extension-title = Allow an extension
ask-extension-where = It is installed in { $context }. You are asked once.
ask-extension-bound = It acts for you only there, and only as far as you may act yourself.

## Installing an extension
install-title = Install { $extension }
install-change-title = What { $extension } may do
install-description = What it does
install-where = Where
install-elsewhere = Somewhere else
install-maker = Made by
install-variant = Variant
install-asks-nothing = It asks for nothing.
install-required = It does not work without this
install-optional = You decide about this
install-reason = Why: { $reason }
install-scope-not-held = You may not do this there yourself, so you cannot allow it.
install-impossible = It does not work without something that you may not do there yourself. Somebody who may can install it.
install-acts-for = For whom it acts
install-for-all = It acts for everybody who belongs to { $context } and opens it, without asking each of them.
install-asks-members = It acts for those who belong to { $context }, once it has asked each of them.
install-bound = For nobody does it do more than they may do there themselves.
install-by-itself = It also acts there by itself, with a secret of its own, as far as you allow here. You can change that, switch it off or remove it at any time.
install-button = Install
install-change-button = Save
install-cancel = Cancel
install-choose-place = Where do you want to install it?
install-more-places = Not all places are shown here. An administrator can install it in the others.
install-conflict = Something else was changed at the same moment. Nothing was done; please look again.
install-changed = The extension asks for something else than it did a moment ago. Nothing was done; please look again.
install-not-held = You may not do all of this there yourself, so you cannot allow it. Nothing was done.
install-stale = This page was open for too long, or somebody else signed in. Nothing was done; please look again.

## An installation
installation-about = About
installation-state = State
installation-enabled = On
installation-suspended = Suspended by the platform
installation-state-since = since
installation-by = by { $name }
installation-installed = Installed
installation-manifest = Version consented to
installation-in-force = in force:
installation-deprecated = This extension is no longer maintained. It goes on here for now; please look for another.
installation-deprecated-on = This extension is no longer maintained. Nobody should rely on it after { $day }.
installation-update = An update is waiting. It asks for this, too:
installation-look = Look at it and decide
installation-scopes = What it may do
installation-no-scopes = Nothing beyond being opened.
installation-change-scopes = Change what it may do
installation-secrets = Its secrets
installation-secrets-text = By these it acts without anybody. Only the extension has them; they are not shown here.
installation-no-secrets = It has none.
secret-pending = New, not in use yet
secret-current = In use
secret-retiring = Being replaced
installation-secret-age = Age: { $age }
installation-secret-delivered = The extension has it
installation-secret-undelivered = The extension does not have it yet
installation-secret-until = Works until
installation-news = What it was told
installation-news-text = Its maker is told of changes here, in their order.
installation-no-news = Nothing lately.
installation-paused = Stopped since
installation-waiting = { $count ->
    [one] One message waits.
   *[other] { $count } messages wait.
  }
installation-due = Next try:
installation-attempts = { $count ->
    [one] Tried once
   *[other] Tried { $count } times
  }
installation-answered = Last answer:
news-added = Installed
news-updated = Changed
news-secret = New secret
news-removed = Removed
news-waiting = Waiting
news-delivered = Delivered
news-pull = Fetched by its maker
news-skipped = Passed over
news-given-up = Given up
news-aborted = Void
installation-acts = Switch off or remove
installation-enable = Switch on
installation-enable-text = It works again. Whoever used it opens it anew.
installation-disable = Switch off
installation-disable-text = Nothing of it works until it is switched on again. What it holds now ends for good.
installation-remove = Remove
installation-already = It was installed there already. Nothing was changed.
installation-changed = It was saved.
installation-is-disabled = It is switched off.
installation-is-enabled = It is switched on.
installation-is-installed = It is installed.
installation-is-suspended = The platform has suspended it, and only the platform can give it back. Nothing was done.
remove-title = Remove { $extension } from { $context }?
remove-text = This ends at once:
remove-opens = Nobody can open it there any more.
remove-tokens = Its access ends, and so does everything that it does for people there.
remove-secrets = Its secrets are dead.
remove-consents = What people allowed it there is forgotten.
remove-final = This cannot be taken back. Installing it again begins anew.

## Consent
consent-title = Allow access
consent-heading = Allow { $client } access to your account?
consent-host = You will go back to { $host }.
consent-app = You will go back to the app on this device.
consent-switch = Not you? Switch account
consent-scopes = What { $client } is asking for
consent-new = New
consent-lasts = How long it lasts
consent-lasts-session = For as long as you are signed in here.
consent-lasts-offline = Also while you are not signed in. It ends after { $idle } without use, and at the latest after { $absolute }.
consent-revoke = You can withdraw access at any time on your account page.
consent-allow = Allow
consent-deny = Deny

## What each scope means
scope-openid = Know that it is you
scope-openid-explained = A lasting identifier of your account, and when you signed in.
scope-profile = See your profile
scope-profile-explained = Your name, user name, picture, birthday, gender, language and time zone, as far as you have given them.
scope-email = See your e-mail address
scope-email-explained = And whether it is confirmed.
scope-address = See your postal address
scope-address-explained = Street, postcode, city and country.
scope-phone = See your phone number
scope-phone-explained = And whether it is confirmed.
scope-offline-access = Keep access while you are away
scope-offline-access-explained = It can use what you allow here even when you are not signed in.
scope-of-api = { $api } · { $scope }

## Account
account-title = Your account
account-profile = Profile
account-email-verified = confirmed
account-email-unverified = not confirmed
account-password = Change password
account-password-text = You stay signed in here. All other browsers are signed out, and applications have to be connected again.
account-password-button = Change password
account-sessions = Where you are signed in
account-this-browser = This browser
account-unknown-device = Unknown device
account-signed-in-at = Signed in
account-seen-at = Last seen
account-address = Address
account-end-others = Sign out everywhere else
account-applications = Applications with access
account-applications-text = These applications can use your account. Withdrawing access takes effect at once.
account-no-applications = You have not allowed any application to use your account.
account-scopes = { $count ->
    [one] One permission
   *[other] { $count } permissions
}
account-allowed-at = Allowed
account-used-at = Last used
account-not-used = Not used yet
account-offline = Also while you are away
account-revoke = Withdraw access
account-application-revoked = The application no longer has access to your account.
account-other-sessions-ended = All other browsers are signed out.
account-password-changed = Your password is changed. All other browsers are signed out, and applications have to be connected again.
account-session-ended = That browser is signed out.
account-stale = This page had been open too long. Nothing was changed, please try again.
language-english = English
language-german = German

## Sign out
sign-out-title = Sign out?
sign-out-text = You will be signed out in this browser.
sign-out-client = { $client } asks you to sign out. You will be signed out in this browser.
sign-out-button = Sign out
sign-out-stay = Stay signed in
sign-out-stale = This page had been open too long. Please confirm once more.
signed-out-title = You are signed out
signed-out-text = On a shared computer, close the browser window as well.
signed-out-again = Sign in again
stayed-title = You are still signed in
stayed-text = Nothing was changed.

## On the way back to an application
continue-title = Continue
continue-heading = Back to { $client }
continue-button = Continue
continue-text = Everything is ready. Continue to open the app on this device.
continue-refused-text = It did not work this time. Continue to go back to the app, which can tell you more.
continue-hint = If nothing opens, the app may not be installed on this device. You can close this page.
hop-text = You are being taken to the next page. If nothing happens, choose Continue.
form-post-text = You are being taken back. If nothing happens, choose Continue.

## First administrator
set-up-title = Create an administrator
set-up-text = This account can manage everything on this server. The link that brought you here works once.
set-up-button = Create administrator
set-up-bad-email = This does not look like an e-mail address. Please check it.
set-up-bad-user-name = This user name cannot be used. Use letters, digits, dots, hyphens or underscores.
set-up-bad-character = A user name cannot contain { $character }. Use letters, digits, dots, hyphens or underscores.
set-up-user-name-address = An e-mail address goes into the field for it; you can sign in by it too. The user name is without @.
set-up-user-name-space = A user name has no spaces. Use letters, digits, dots, hyphens or underscores.
set-up-expired = This link no longer works
set-up-expired-text = Set-up links work once and for one hour.
set-up-again = Whoever runs this server can make a new one with this command:
set-up-done = This server is already set up
set-up-done-text = There is an administrator. Sign in with that account to go on.

## Errors: title, what happened. These texts are stable.
error-bad-request = This request cannot be processed
error-bad-request-text = The application sent a sign-in request that is incomplete or malformed.
error-unknown-client = Unknown application
error-unknown-client-text = The application that sent you here is not registered with us, so you were not signed in.
error-redirect = This address is not registered
error-redirect-text = The application asked to send you to an address that is not registered for it. For your safety you were not sent there.
error-sign-out-address = This address is not registered
error-sign-out-address-text = The application asked to send you to an address that is not registered for it. You have not been sent there.
error-sign-out-request = This sign-out request cannot be processed
error-sign-out-request-text = The application sent a sign-out request that is incomplete or malformed. You have not been signed out.
error-expired = This sign-in has expired
error-expired-text = It was started too long ago to be finished.
error-foreign-form = This form was not accepted
error-foreign-form-text = It did not come from a page that we showed you in this browser. Nothing was changed.
error-not-found = Page not found
error-not-found-text = There is nothing at this address.
error-not-installed = Extension not available
error-not-installed-text = The extension is not installed in anything that you belong to, or it has been switched off there. You were not sent to it.
error-installation-gone = Not installed any more
error-installation-gone-text = The extension was removed there meanwhile. Nothing was changed.
error-not-offered = Not offered any more
error-not-offered-text = The extension is not installed anywhere any more: it has been deprecated, withdrawn or suspended. Nothing was done.
error-do-look-at-extensions = Your extensions show what there is now.
error-do-ask-platform = Ask whoever manages your project to install it or to switch it on.
error-method = This page cannot be used that way
error-method-text = The address exists, but not for this kind of request.
error-timed-out = The request took too long
error-timed-out-text = Your browser did not send everything in time.
error-too-large = The request is too large
error-too-large-text = It was larger than what we accept here.
error-too-many = Too many requests
error-too-many-text = More requests came than we can answer right now.
error-unavailable = Temporarily unavailable
error-unavailable-text = We cannot complete this at the moment. Your account and your data are not affected.
error-unexpected = Something went wrong
error-unexpected-text = The fault is on our side. It has been recorded.

## Errors: what to do
error-do-tell-application = Please go back and try again. If it happens again, tell the people who run the application and give them the details below.
error-do-start-again = Please go back to the application and sign in again.
error-do-go-back = Please go back and try again.
error-do-check-address = Please check the address.
error-do-try-again = Please try again. If it happens again, tell the people who run this server and give them the details below.
error-do-wait = Please wait a moment and try again.
error-details = Details for support
error-incident = Incident
error-request = Request
error-detail = Reason

## Dates and spans
date-january = { $day } January { $year }, { $time } UTC
date-february = { $day } February { $year }, { $time } UTC
date-march = { $day } March { $year }, { $time } UTC
date-april = { $day } April { $year }, { $time } UTC
date-may = { $day } May { $year }, { $time } UTC
date-june = { $day } June { $year }, { $time } UTC
date-july = { $day } July { $year }, { $time } UTC
date-august = { $day } August { $year }, { $time } UTC
date-september = { $day } September { $year }, { $time } UTC
date-october = { $day } October { $year }, { $time } UTC
date-november = { $day } November { $year }, { $time } UTC
date-december = { $day } December { $year }, { $time } UTC
span-days = { $count ->
    [one] 1 day
   *[other] { $count } days
}
span-hours = { $count ->
    [one] 1 hour
   *[other] { $count } hours
}
span-minutes = { $count ->
    [one] 1 minute
   *[other] { $count } minutes
}
span-seconds = { $count ->
    [one] 1 second
   *[other] { $count } seconds
}

## The demo application
demo-extension-title = Task Board
demo-extension-opened = This extension was opened with a one-time key, and exchanged it for tokens.
demo-extension-framed = This extension signed you in inside its frame, by a cookie of the frame’s own.
demo-extension-now = What it may do now
demo-extension-now-hint = The page around this frame hands in a session token every minute; exchanged, it says what the extension may do for you at the moment.
demo-extension-sign-in = Sign in inside this frame
demo-title = Demo application
demo-text = A small application that signs people in at { $issuer }.
demo-signed-out = You are signed out.
demo-sign-in = Sign in
demo-people = Sign in as
demo-options = Options of the request
demo-scope-hint = Separated by spaces. With offline_access there is a refresh token that outlives the session.
demo-unset = not set
demo-hello = Signed in as { $name }
demo-scope = Scopes
demo-expires = Access token ends
demo-refresh-token = Refresh token
demo-refresh-unused = present, not used yet
demo-refreshed = { $count ->
    [one] present, used once
   *[other] present, used { $count } times
}
demo-refresh-none = none
demo-userinfo = Call userinfo
demo-refresh = Refresh
demo-userinfo-answer = Answer of userinfo
demo-id-token = ID token
demo-access-token = Access token
demo-header = Header
demo-claims = Claims
demo-opaque = This token is opaque: only the server knows what it stands for.
demo-raw = As it came
demo-failed = The sign-in did not succeed
demo-failed-here = The application did not take what came.
demo-failed-text = This is what the server answered.
demo-fragment-title = Tokens in the address
demo-fragment-text = The tokens are in the address of this page, behind the #. No browser sends that part to a server; a script of the page hands it over.
demo-fragment-address = Address
demo-fragment-hint = Where no script runs, copy the whole address of this page from the top of your browser, and paste it here.
demo-fragment-hand-over = Hand it over
demo-start-again = Start again
demo-mails = Mails
demo-mails-text = The mails that this server would have sent. It sends none: it is for development.
demo-mails-none = There are none yet. “Forgotten your password?” on the sign-in page makes one.
demo-mail-from = From
demo-mail-to = To
demo-mail-open = Open its link
demo-systems = Step by step
demo-systems-text = What clients send by each contract that this server speaks, with a call of an API at the end that is refused.
demo-sequence-text = What clients of { $issuer } send, one request after the other. Each is a real one.
demo-sequence-person = Sign in as { $person }: it is about a project, a company and a house that she belongs to.
demo-sequence-account = Somebody else is signed in? Sign them out
demo-sequence-request = Request
demo-sequence-answer = Answer
demo-sequence-token = The token in it
demo-sequence-send = Send it
demo-sequence-go = Go to the issuer
demo-sequence-unexpected = This is not the answer that belongs here. Try again, or start again.
demo-sequence-done = That is all of it.
demo-sequence-script = In a shell
demo-sequence-script-text = One line does all of this with curl, as alice.
demo-sequence-script-read = Read the script
demo-check-access-token = The access token is not the one that the ID token goes with (at_hash).
demo-check-audience = The ID token is for another client (aud).
demo-check-code = The answer holds no code.
demo-check-expired = The ID token is over (exp).
demo-check-extension = This answer belongs to no request of this extension (state, iss).
demo-check-id-token = There is no ID token: was openid asked for?
demo-check-installation = The extension demo-backups is not installed any longer.
demo-check-issuer = The answer comes from another issuer than the one that was asked (iss).
demo-check-issuer-of-token = The ID token is by another issuer (iss).
demo-check-key = No key of the issuer fits the ID token.
demo-check-metadata = The metadata are those of another issuer.
demo-check-nonce = The ID token is for another request (nonce).
demo-check-person = The new ID token names another person (sub).
demo-check-state = This answer belongs to no request of this browser, or was used already (state).
demo-check-unreadable = The answer of the server could not be read.
demo-check-userinfo = Userinfo speaks of another person (sub).
demo-step-call = A call of the API, which the guard lets pass
demo-step-call-again = A call with what came of it
demo-step-call-before = A call with the token before, which is over
demo-step-call-implicit = A call with the token from the address
demo-step-call-of-instance = A call in the instance’s own name
demo-step-client-alone = The client’s token for itself
demo-step-code = The code is exchanged for tokens
demo-step-code-and-state = The extension’s backend sends code and state
demo-step-consents = What was allowed to the client
demo-step-consent-ended = The consent is taken back
demo-step-disable = The instance is switched off
demo-step-discovery = What the issuer offers
demo-step-enable = The instance is switched on again
demo-step-exchange = The extension exchanges the key for the person’s tokens
demo-step-implicit = The person is known already: the token comes in the address, behind the #
demo-step-instance = The instance gets a token of its own by its secret
demo-step-key = The person presses the button of the extension: the studio makes a key that works once
demo-step-keys = The keys that tokens are verified with
demo-step-machine = A machine gets a token for itself
demo-step-password = Name and password of a person, with the client’s secret
demo-step-platform = The platform’s own backend gets a token for the admin API
demo-step-refresh = The tokens are refreshed
demo-step-refresh-alone = The token is refreshed, and no client is named
demo-step-refused = The same call, which the guard refuses now
demo-step-revoke = The grant is revoked
demo-step-role-given = The person gets the role back
demo-step-role-taken = The role is taken from the person
demo-step-secret = The instance gets a new secret
demo-step-sessions = It signs the person out everywhere
demo-step-sign-in = The person signs in
demo-step-sign-out = The person signs out
demo-step-studio-sign-in = The person signs in to the studio
demo-step-validate = Whether the token is alive
demo-step-who = Who the person is

## A forgotten password
forgot-link = Forgotten your password?
forgot-title = Forgotten password
forgot-text = Tell us your user name or e-mail address, and we send you a link to choose a new password.
forgot-button = Send the link
forgot-sent = Check your mail
forgot-sent-text = If there is an account of that name, a link is on its way to its e-mail address. It works once, for one hour.
forgot-sent-hint = Nothing came? Look in the folder for spam, and check the name that you typed.
back-to-sign-in = Back to sign in
reset-title = Choose a new password
reset-text = for { $user }. You will be signed out everywhere.
reset-button = Change password
reset-done = Your password has been changed. Please sign in with it.
link-spent = This link does not work any longer
link-spent-text = It was used before, it is too old, or a newer one was sent. Please ask for another.

## Mails
mail-greeting = Hello { $name },
mail-button-accept = Accept the invitation
mail-button-confirm = Confirm
mail-button-password = Choose a new password
mail-button-undo = Bring the old address back
mail-account-closed-subject = Your account at { $brand } cannot be used
mail-account-closed = Somebody, hopefully you, has just signed in to your account { $user_name } at { $brand } with the right password. The account is closed at the moment, so it was not let in.

    If this was you, please write to those who look after { $brand }.
mail-address-changed-subject = The e-mail address of your account at { $brand } was changed
mail-address-changed = An administrator changed the e-mail address of your account { $user_name } at { $brand }. Mail for it does not come here any longer.

    If you did not ask for this, please write to those who look after { $brand }.
mail-address-confirm-subject = Is this your address?
mail-address-confirm = The account { $user_name } at { $brand } shall have this e-mail address from now on. Please confirm that it is yours. The link works for one day.

    If you do not know of this, you need not do anything.
mail-address-replaced-subject = Your e-mail address at { $brand } was changed
mail-address-replaced = The e-mail address of your account { $user_name } at { $brand } is { $new_address } now.

    If this was not you: the link brings this address back, signs everybody out, and lets you choose a new password. It works for seven days.
mail-address-verify-subject = Please confirm your e-mail address
mail-address-verify = Please confirm that this is the e-mail address of your account { $user_name } at { $brand }. The link works for one day.
mail-factor-added-subject = A second factor was set up for your account at { $brand }
mail-factor-added = An authenticator app was set up as the second factor of your account { $user_name } at { $brand }, with new recovery codes. What was there before works no longer. Network address: { $address }.

    If this was not you, somebody knows your password: please change it now, and look at your account: { $account }
mail-factor-removed-subject = The second factor of your account at { $brand } was removed
mail-factor-removed = The second factor of your account { $user_name } at { $brand } was turned off: the password alone signs in. Network address: { $address }.

    If this was not you, somebody knows your password: please change it now, and look at your account: { $account }
mail-factor-reset-subject = Your second factor at { $brand } was taken away
mail-factor-reset = An administrator took away the second factor of your account { $user_name } at { $brand }. You can set up a new one in your account: { $account }

    If you did not ask for this, please write to those who look after { $brand }.
mail-invitation-subject = You are invited to { $brand }
mail-invitation = You are invited to create an account at { $brand }. Accept the invitation to choose your user name and password. The link works once, for seven days.
mail-new-device-subject = New sign-in to your account at { $brand }
mail-new-device = Somebody has just signed in to your account { $user_name } from a browser that was not known: { $device }, network address { $address }.

    If this was you, all is well. If not, please change your password now: { $account }
mail-password-changed-subject = Your password at { $brand } was changed
mail-password-changed = The password of your account { $user_name } at { $brand } has just been changed, from the network address { $address }.

    If this was not you, please choose a new one by “Forgotten your password?” on the sign-in page, and write to those who look after { $brand }.
mail-password-replaced-subject = Your password at { $brand } was replaced
mail-password-replaced = An administrator set another password for your account { $user_name } at { $brand }. You can choose a new one in your account: { $account }

    If you did not ask for this, please write to those who look after { $brand }.
mail-password-reset-subject = Your new password at { $brand }
mail-password-reset = Somebody, hopefully you, asked for a new password for your account at { $brand }. Choose it here. The link works once, for one hour.

    If this was not you, you need not do anything: your password stays as it is.
mail-recovery-code-used-subject = A recovery code of your account at { $brand } was used
mail-recovery-code-used = A recovery code was used for your account { $user_name } at { $brand }. Codes that are left: { $left }. Network address: { $address }.

    If this was not you, somebody knows your password and your recovery codes: please change the password now, and make new codes: { $account }
mail-recovery-codes-made-subject = New recovery codes for your account at { $brand }
mail-recovery-codes-made = New recovery codes were made for your account { $user_name } at { $brand }. Those from before work no longer. Network address: { $address }.

    If this was not you, somebody knows your password: please change it now, and look at your account: { $account }
mail-sign-up-subject = Your account at { $brand }: please confirm your address
mail-sign-up = Please confirm that this is your e-mail address. Then you choose the name and the password of your account at { $brand }. The link works for one day.

    If you do not know of this, you need not do anything: no account is made.
mail-sign-up-known-subject = You already have an account at { $brand }
mail-sign-up-known = Somebody, hopefully you, wanted to sign up at { $brand } with this e-mail address. You already have an account: { $user_name }.

    If you have forgotten the password, choose a new one by “Forgotten your password?” on the sign-in page.

## The console
console-about = About
console-activate-secret = Let it take over
console-activate-secret-question = The pending secret becomes the current one; the one before retires.
console-acts = Actions
console-back = Back
console-cancel = Cancel
console-change-permissions = Change permissions
console-change-permissions-question = The role { $id } lets people do what is listed in the call, and nothing else.
console-change-roles = Change roles
console-change-roles-question = { $id } has the roles that are listed in the call in the whole tenant, and no others. Roles in contexts stay.
console-conflict = Somebody was faster. This is how it is now; nothing was done.
console-continue = Continue
console-disable = Disable
console-disable-client = { $id } gets no tokens any more, and those it has are dead until it is enabled again.
console-disable-context = Nobody can do anything in { $id } or below it until it is enabled again.
console-disable-person = { $id } can do nothing any more. Their sessions and what applications hold of them end for good.
console-document = As it shall be, as JSON
console-document-hint = The members are those of the admin API. What is only read is passed over.
console-edit = Edit
console-edit-conflict = Somebody was faster, and nothing was done. What you wrote is below; open the page again for what there is now.
console-edit-question = What is saved is the whole of it: a member that is left out is as if it had never been set, unless the API says that it stays.
console-enable = Enable
console-enable-client = { $id } can get tokens again.
console-enable-context = People can do in { $id } what their roles let them.
console-enable-person = { $id } can sign in again.
console-failed = This did not work. Nothing was done.
console-failed-forbidden = You may not do this.
console-failed-gone = It is not there any more.
console-failed-in-use = Applications name it still. Take it out there first.
console-failed-invalid = Something in it is wrong; nothing was done.
console-failed-later = The server cannot do this right now. Please try again in a moment.
console-failed-refused = This is not done, because of what is there.
console-failed-taken = There is one of this name already.
console-lock = Lock
console-lock-question = { $id } cannot sign in, and applications get nothing in their name, until they are unlocked.
console-incident = End everything
console-incident-extension = { $id } is suspended everywhere, and no secret of it or of its installations works any longer. What was issued until now stays dead, also when it is resumed.
console-incident-installation = { $id } is suspended, and none of its secrets works any longer. What was issued until now stays dead, also when it is resumed.
console-incident-person = { $id } is signed out everywhere, and locked until somebody unlocks the account. What was issued until now stays dead.
console-receipt = What was ended
console-help = Help
console-make-api = New API
console-make-client = New application
console-make-context = New context
console-make-issuer = New issuer
console-make-pending = Make a pending secret
console-make-pending-question = A secret is made that does not work before it takes over.
console-make-question = What is needed is there already; whatever else the admin API knows can be added.
console-make-user = New person
console-put-member = Make a member, or change their roles
console-put-member-question = They belong to { $id }, and have there the roles in the call and no others.
console-remove-api = { $id } is removed, unless an application still names it.
console-remove-context = { $id } is removed, and everything below it. Nobody belongs there any more.
console-remove-member = Remove
console-remove-member-question = They belong to { $id } no more, and lose their roles there.
console-reset-link = Link for a new password
console-reset-link-question = A link is made by which { $id } chooses a new password. It works once, for an hour, and is shown once, on the next page.
console-save = Save
console-sign-in-link = Link to sign in
console-sign-in-link-question = A link is made that signs { $id } in without a password. It works once, for an hour, and is shown once, on the next page. Whoever has it gets in.
console-require-password = Require a new password
console-require-password-question = { $id } chooses a new password at the next sign-in, before anything is opened.
console-reset-factor = Take the second factor away
console-reset-factor-question = The second factor and the recovery codes of { $id } stop working. The person is told by mail, where they have an address.
console-password-due = New password required
console-invite = Invite somebody
console-invite-question = Somebody is invited with what stands below. They choose their user name and password themselves; the invitation works once, for seven days.
console-invite-way = How
console-invite-link = By a link, shown once
console-invite-mail = By mail
console-invite-email-hint = Without one, whoever has the link may use any.
console-invite-context-hint = They become a member there: its typed id, such as project/p-123.
console-invitations = Open invitations
console-invited-to = Gives
console-withdraw-invitation = Call back
console-withdraw-invitation-question = The invitation is called back: its link works no longer.
console-context-roles = Roles there
console-make-role = Make a role
console-make-role-question = The role { $id } is made; its page gives it permissions.
console-once = It is shown this once. Keep it now:
console-permissions-hint = One a line, like orders:read or orders:*
console-remove = Remove
console-remove-client = { $id } is removed with its secrets and with what people allowed it. This cannot be taken back.
console-remove-person = { $id } is removed with their sessions, roles and what they allowed applications. This cannot be taken back.
console-remove-role = The role { $id } is removed; whoever had it has it no longer, and applications that name it name it no longer. This cannot be taken back.
console-unlock = Unlock
console-unlock-question = { $id } can sign in again, and what applications held in their name works again.
console-active = Active
console-address = Address
console-administrator = Administrator
console-algorithm = Algorithm
console-all-done = What they did
console-and-more = and more
console-actor-hint = A person's or an application's id, or: operator, server
console-all-events = All events
console-all-grants = All grants
console-allowed = Applications with access
console-no-allowed = They have allowed no application anything.
console-sessions = Where they are signed in
console-themselves = Themselves
console-any = Any
console-apis = APIs
console-asked = Asked for
console-audit = Audit
console-auth-method = Authentication
console-below = Contexts in it
console-call = API call
console-changed = Changed
console-client = Application
console-clients = Applications
console-clients-find = Id, from its beginning
console-clients-like = Applications whose id begins so
console-confidential = Confidential
console-context = Context
console-contexts = Contexts
console-contexts-find = Id, from its beginning
console-current = In force
console-kind-bad = There is no such kind of events. What is shown is not limited by it.
console-person-name = Person: name, address or id
console-when-utc = When, in UTC
console-date-bad = A date could not be read. What is shown is not limited by it.
console-date-hint = Like 2026-11-26, or 2026-11-26 14:30, in UTC
console-device = Browser
console-disabled = Disabled
console-done = Done.
console-earlier = Earlier
console-end-consent = Withdraw
console-end-consent-question = What the person allowed this application ends, with all of its tokens. The application has to ask again.
console-end-grant = End
console-end-grant-question = Grant { $id } ends, with all of its tokens. The person can sign in at the application again.
console-end-session = End
console-end-session-question = Session { $id } ends. The person is signed out of that browser, and of the applications that hang on it.
console-end-sessions = Sign out everywhere
console-end-sessions-question = { $id } is signed out of every browser, and of the applications that hang on them.
console-make-secret = Make a secret
console-make-secret-question = { $id } gets another secret. It is shown once, on the next page.
console-remove-secret = Remove
console-remove-secret-question = A secret of { $id } stops working at once. This cannot be taken back.
console-retire = Seconds until its other secrets end
console-retire-hint = 86400 is a day. Left empty, they stay.
console-rotate-key = Rotate
console-rotate-key-question = The next key for { $id } signs from now on. The present one stays published as long as its tokens live.
console-withdraw-key = Withdraw
console-withdraw-key-question = Key { $id } is withdrawn at once: nothing that it signed is good any more. This cannot be taken back.
console-ended = Ended
console-every-method = every
console-everywhere = In the whole tenant
console-export = As JSON lines
console-external = External id
console-find = Find a person, an application or a token
console-find-button = Find
console-find-hint = Name, id or token
console-first = From the beginning
console-first-party = The platform’s own
console-format = Tokens
console-found-nothing = Nothing found
console-found-nothing-text = There is no person, application or token of exactly this name here.
console-from = From
console-grant = Grant
console-grant-of = What { $client } holds of { $person }
console-grant-types = Grant types
console-grants = Grants
console-holders = Who has it
console-id = Id
console-issuers = Issuers
console-jwks-uri = Keys at
console-key = Key
console-key-current = Signs
console-key-next = Next
console-key-previous = Published
console-key-retired = Retired
console-keys = Keys
console-kind = Kind
console-lacks = You do not have the permission that this page needs.
console-lacks-title = Not permitted
console-latest = Latest
console-locked = Locked
console-logout-redirects = Addresses after sign-out
console-logout-told = Told of sign-outs at
console-look-elsewhere = Look in a list
console-looked-back = Looked back to
console-members = Members
console-memberships = Contexts
console-methods = Methods
console-more = Details
console-next = Next page
console-no = No
console-no-clients = There are none.
console-no-contexts = There are none.
console-no-events = Nothing has happened.
console-no-grants = There are none.
console-no-holders = Nobody has it.
console-no-issuers = There are none.
console-no-members = Nobody belongs to it.
console-no-memberships = They belong to no context.
console-no-people = Nobody is called so.
console-no-roles = There are none.
console-no-scopes = There are none.
console-no-secrets = There are none.
console-no-sessions = They are signed in nowhere.
console-nothing = Nothing to administer
console-nothing-asked = nothing: open to everybody
console-nothing-do = Where to go
console-nothing-text = You are signed in as { $person }, who administers nothing of { $tenant }. Whoever administers it can give you a role that does; then sign in again.
console-offline = Outlives its session
console-open = Open
console-operator = Operator
console-over = Over
console-overview = Overview
console-parent = Lies in
console-password-none = None
console-password-set = Set
console-path = Path
console-pending = Pending
console-people = People
console-people-find = User name or e-mail address, from its beginning, or an id
console-people-like = People whose name begins so
console-permission = Permission
console-permissions = Permissions
console-person = Person
console-pkce = PKCE required
console-proof = Proof
console-public = Public
console-recent = What happened last
console-redeemed = Redeemed
console-redirects = Redirect addresses
console-registration = Registration
console-retiring = Retiring
console-role = Role
console-roles = Roles
console-routes = What the guard asks
console-scope = Scope
console-scopes = Scopes
console-second-factor = Needs a second factor
console-secrets = Secrets
console-server = Server
console-show = Show
console-signed-in = Signed in
console-signed-in-within = signed in within
console-since = Since
console-skip = Skip to content
console-stale = This page had been open too long. Nothing was done; please try again here.
console-state = State
console-tenant = Tenant
console-tenants = Tenants
console-title = Administration
console-to = Before
console-token-asked = a token
console-token-life = Access tokens live
console-trail = Path to this page
console-unknown = Unknown
console-until = Until
console-used = Last used
console-what = What
console-where = Where
console-who = By whom
console-yes = Yes
## Help
sign-up-title = Create an account
sign-up-text = Enter your e-mail address. We send a mail there, and the link in it leads on.
sign-up-domain = Accounts can be made here with addresses of certain domains only. This is none of them.
sign-up-sent = A mail is on its way to you. Its link works for one day.
choose-due = Before you go on, please choose a new password.
link-taken = The address belongs to another account
link-taken-text = It was given to another account meanwhile, so nothing was changed.
link-sign-in = Sign in by a link
link-sign-in-text = This link signs you in as { $user }. It works once.
link-confirm = Is this your address?
link-confirm-text = { $address } becomes the confirmed address of the account { $user }.
link-confirm-button = Confirm
link-confirmed = Your address is confirmed
link-confirmed-text = From now on, mail for your account goes to { $address }.
link-undo = Keep your old address
link-undo-text = { $address } becomes the address of the account { $user } again. Whoever changed it may know the password: it is removed, with a second factor that was set up since, and everybody is signed out. You choose a new password next.
link-undo-button = Change it back
link-undone = Your old address is back
link-undone-text = Mail for your account goes to { $address } again. The password from before works no longer: choose a new one now.
link-to-account = To your account
join-invited = You are invited
join-title = Create your account
join-text = Choose a user name and a password.
join-button = Create account
join-done = Your account is ready. Please sign in.
join-bad-name = This name is too long, or has characters that cannot be shown.
join-name-taken = This user name is taken. Please choose another.
join-address-taken = This address has an account already. Sign in with it, or choose a new password for it.
email-title = E-mail address
email-text = The new address is used once you have opened the link that we send there. The old one is told, and can take the change back for a week.
email-new = New e-mail address
email-button = Send the link
email-verify = Confirm this address
email-verifying = A mail with a link is on its way to your address.
email-changing = A mail with a link is on its way to the new address. Until you open it, nothing changes.
email-same = This is the address that you have.
email-too-many = Several mails were sent in the last hour. Please wait before you ask for another.
account-email-change = Change or confirm
link-over-text = It was used already, was followed by a newer one, or is too old.
link-over-join = It was used already, or is too old. If somebody invited you, ask them for a new one; if you were signing up, please start again.
mail-greeting-plain = Hello,
mail-address-taken-subject = Your address was entered for another account
mail-address-taken = Somebody wants to use this address for another account at { $brand }. It belongs to an account already, so nothing was changed.

    If it was you, sign in with the account that has this address. If not, you need not do anything.

## The console: extensions
console-make-extension = New extension
console-accept-manifest = Let it come into force
console-accept-manifest-question = What the contributor of { $id } proposes comes into force. What was consented to in installations stays as it is.
console-reject-manifest = Drop it
console-reject-manifest-question = What the contributor of { $id } proposes is dropped; what is in force stays.
console-verify = Mark as verified
console-verify-question = { $id } has been looked at. From now on its contributor proposes changes of its manifest.
console-publish = Publish
console-publish-question = Whoever may install something finds { $id }.
console-deprecate = Deprecate
console-deprecate-question = Nobody installs { $id } any more. What is installed goes on.
console-suspend = Suspend
console-suspend-extension = { $id } is stopped in every installation. What was issued until now stays dead, also when it is resumed.
console-resume = Resume
console-resume-extension = { $id } works again where it is installed. What was issued before it was stopped stays dead.
console-withdraw = Withdraw
console-withdraw-question = Nothing of { $id } works any more, in any installation. This cannot be taken back.
console-remove-extension = { $id } is removed with its application, unless it is installed somewhere. This cannot be taken back.
console-make-installation = Install an extension
console-disable-installation = Nothing of { $id } works until it is enabled again; what was issued until now stays dead.
console-enable-installation = { $id } works again.
console-suspend-installation = Nothing of { $id } works, and its members cannot enable it; what was issued until now stays dead.
console-resume-installation = { $id } is as its members left it.
console-remove-installation = { $id } is removed: its tokens and secrets are dead at once, and its extension is told so. This cannot be taken back.
console-rotate-secret = New secret for the extension
console-rotate-secret-question = A new secret is made, and its extension is told it. The one before works until the new one is used, and a day longer.
console-rotate-shown = New secret, shown here
console-rotate-shown-question = A new secret is made and shown once, on the next page. The one before works until the new one is used, and a day longer.
console-show-secret = Show
console-show-secret-question = The pending secret is shown once, on the next page; after that it is in force.
console-confirm-secret-question = The pending secret becomes the current one; those before it work for another day.
console-end-secret = End it
console-end-secret-question = The secret works no longer, from now on. Whoever uses it is refused.
console-age = Age
console-all-installations = All installations
console-asks-for = What it asks for
console-asks-nothing = It asks for nothing.
console-audiences = Further audiences
console-callback = Callback address
console-consent = Consent
console-consent-asked = Each member is asked once
console-consent-implicit = Implicit: whoever installs it consents for all
console-contributor = Made by
console-delivered = The extension has it since
console-deprecated = Deprecated
console-deprecated-on = Not to be relied on after
console-draft = Draft
console-extension = Extension
console-extensions = Extensions
console-fits = Can be installed into
console-frames = Shown in frames of
console-in-force = Now
console-installation = Installation
console-installations = Installations
console-installed-by = Installed by
console-installed-in = { $extension } in { $context }
console-launch = Launch address
console-manifest-version = Version of the manifest
console-member = Member
console-no-extensions = There are none.
console-no-installations = There are none.
console-optional = May be refused
console-proposed = What its contributor proposes
console-proposed-short = Change proposed
console-published = Published
console-reason = Why
console-settings = Settings
console-suspended = Suspended
console-the-tenant = The tenant itself
console-variant = Variant
console-variants = Variants
console-verified = Verified
console-webhook = Webhook address
console-wished = Proposed
console-withdrawn = Withdrawn

## The console: why, and what extensions are told
console-see-also = See also
console-explain = Why may it, or not?
console-explain-request = A request that would be made
console-explain-request-text = Which application, for whom (for itself where nobody is named), through which installation, and for which scopes.
console-explain-token = A token
console-explain-token-text = What it may do now. It is kept nowhere.
console-explain-button = Explain
console-explain-several = It is installed in several places that the person belongs to: name one of these installations
console-explained = What comes of it
console-token = Token
console-granted = Granted
console-granted-nothing = Nothing
console-why-nothing = Nothing is issued
console-dead = Dead
console-who-changes = Who could change it
console-who-nobody = Nobody yet; an operator
console-who-others = and others
console-removed-by = Taken away by
console-is-granted = Granted
console-is-removed = Not granted
console-clause-client = The application is not registered for it
console-clause-api = No API that the application may use has it, or that API is switched off
console-clause-installation = It was not consented to where the extension is installed
console-clause-consent = The person has not allowed it to this application
console-clause-person = The person does not hold there
console-clause-role-map = The person holds it there, but what this client lets roles do leaves it out:
console-roles-that-give-it = Roles that give it:
console-deliveries = Deliveries
console-line = What waits
console-line-paused = Paused
console-line-waits = Waiting
console-line-empty = Nothing waits
console-line-paused-at = Paused since
console-line-tried = Tried in vain
console-line-due = Next try
console-why = Why
console-webhooks = What it is told
console-webhook-kind = Kind
console-no-webhooks = Nothing lately.
console-attempts = Attempts
console-no-attempts = There were none lately.
console-number = Number
console-status = Status
console-duration = Duration
console-answer = Answer
console-settled = Settled
console-waiting = Waiting
console-aborted = Void
console-was-delivered = Delivered
console-given-up = Given up
console-pulled = To be pulled
console-skipped = Passed over
console-tried = What it answered
console-pause-webhooks = Pause
console-pause-webhooks-question = The extension of { $id } is told nothing more until it is resumed. What happens meanwhile waits.
console-resume-webhooks = Resume
console-resume-webhooks-question = The extension of { $id } is told what waits, in its order.
console-try-webhook = Try out
console-try-webhook-question = The extension of { $id } is told as if something had happened, and its answer is shown. Nothing is changed.
console-resend-webhook = Send again
console-resend-webhook-question = The extension of { $id } is told this again. A secret that it has is left out.
console-skip-webhook = Pass over
console-skip-webhook-question = The extension of { $id } is told no more of this, and goes on with the next. A secret that was to come with it is not told.
