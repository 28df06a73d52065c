### Texts for people: the account page, the receipt, reports. The same keys as in sv.ftl.

## Amounts, times and periods
moment = { $day } at { $time } { $zone }
period = { $start } – { $end }
price-every-day = { $price } a day
price-every-week = { $price } a week
price-every-month = { $price } a month
price-every-year = { $price } a year
price-days = { $price } for { $count } days
price-weeks = { $price } for { $count } weeks
price-months = { $price } for { $count } months
price-years = { $price } for { $count } years
charge-for-period = { $amount } for the period { $period }

## Subscriptions
subscription = Subscription
status-incomplete = Waiting for the first payment
status-trialing = Trial
status-active = Active
status-past-due = Payment is overdue
status-unpaid = Unpaid
status-paused = Paused
status-canceled = Ended
status-expired = Was never paid and has expired
kind-initial = First payment
kind-renewal = Renewal
kind-other = Other payment

## Decisions
decision-refund = The whole amount is refunded: { $amount }
decision-rest = What is left of it is refunded: { $amount }
decision-partial = A part is refunded: { $amount }
decision-waived = Entitles you to { $amount } back, but the cancellation is without a refund
decision-reject = Not refunded
clause = Clause { $clause } of the refund policy.

## When it ends
stop-over = The subscription had already ended on { $moment }. No more payments are taken.
stop-immediate = The subscription ended on { $moment }. No more payments are taken.
stop-period-end = You can use the subscription until { $moment }. It ends then, and no more payments are taken.
stop-undone = The cancellation was taken back. The subscription goes on and renews as before.
stop-under-way = We are stopping coming payments now. When the subscription ends is shown here as soon as the payment provider has confirmed it.

## Refunds
refund-line = Refund
refund-pending = on its way: decided, and soon sent to the payment provider
refund-submitted = on its way: the payment provider has it
refund-succeeded = done: the money has been sent. It can take some days until your bank shows it
refund-waits-for-us = on its way, but it takes longer than usual: the payment provider is waiting for money from us. You need not do anything
refund-waits-for-charge = on its way: it is sent as soon as your own payment has arrived
refund-waits-for-you = waiting for you: the payment provider has asked you by e-mail which account the money should go to
refund-failed = came back: it could not be paid out. We still owe you { $amount } and are taking care of it. You need not do anything
refund-replaced = came back, and another refund has taken its place
refund-canceled = canceled: it was not carried out
refund-unknown = being checked: we have asked for it and are waiting for the payment provider's answer

## The receipt
receipt-subject = Receipt for your cancellation of { $plan }
receipt-subject-plain = Receipt for your cancellation
receipt-greeting = Hello!
receipt-received = We have received your cancellation of { $plan }. It came in on { $moment }.
receipt-received-plain = We have received your cancellation of the subscription. It came in on { $moment }.
receipt-judged = It counts from { $moment }, when you first contacted us.
receipt-stop = When the subscription ends
receipt-charges = Your payments
receipt-no-charges = No payment has been taken for the subscription.
receipt-refunds = Refunds
receipt-refund = { $amount } – { $state }.
receipt-no-refunds = Nothing is refunded.
receipt-attention = One of us is looking at your cancellation and will put right what is needed. You need not do anything.
receipt-undone-subject = Your cancellation of { $plan } has been taken back
receipt-undone-subject-plain = Your cancellation has been taken back
receipt-undone = Your cancellation, which came in on { $received }, was taken back on { $moment }. The subscription goes on, and coming payments are taken as before.
receipt-undone-objection = If you did not agree to this, cancel again on your account page or contact customer service where you bought the subscription.
receipt-id = Number of the cancellation: { $id }
receipt-keep = Please keep this receipt.

## Account page: the frame
site-name = My account
skip = Skip to the content
navigation = Account
other-language = Svenska
sign-out = Sign out
back-to-shop = Back to the website
your-account = My subscriptions

## Account page: overview
overview-title = My subscriptions
overview-none = You have no subscriptions.
label-price = Price
label-status = Status
label-next-billing = Next payment
label-ends = Ends
label-ended = Ended
label-trial-until = Trial until
show-subscription = Payments and cancellation
your-cancellations = My cancellations
cancellation-line = { $plan }, { $day }
state-requested = Received
state-canceling = Payments are being stopped
state-refunding = Refund under way
state-completed = Done
state-undone = Taken back: the subscription goes on
state-attention = We are looking at it

## Account page: one subscription
charges-title = Payments
charges-explained = Each payment says what happens to it if you cancel now.
charges-none = No payment has been taken yet.
label-kind = For
label-period = Period
label-refunded = Refunded
cancel-button = Cancel subscription
cancel-standing = This subscription is canceled.
cancel-show = Show the cancellation
cancel-nothing = The subscription has ended, and no more payments are taken.

## Account page: the cancellation, to look at
cancel-title = Cancel { $plan }
cancel-look = Nothing is canceled yet. See what will happen, and confirm at the bottom.
cancel-stops-title = When it ends
cancel-stops-now = The subscription ends as soon as you confirm. No more payments are taken.
cancel-stops-later = You can use the subscription until { $moment }. It ends then, and no more payments are taken.
cancel-stopped = The subscription has already ended, on { $moment }. The cancellation only concerns what is refunded.
cancel-refunded-title = What is refunded
cancel-refunded-none = Nothing is refunded.
cancel-rejected-title = What is not refunded
cancel-shared-title = What one of us decides
cancel-shared = The payment belongs to an invoice for several subscriptions. One of us works out what of it is for this one.
cancel-choice = Your choice
cancel-choice-refund = End it at once and get { $amount } back
cancel-choice-keep = Keep the subscription until { $moment }, without a refund
cancel-confirm-title = Confirm
cancel-confirm = Confirm the cancellation
cancel-regret = No, go back
cancel-changed = Something has changed since you saw the page: the latest payment is another one. Nothing is canceled. Look at it again and confirm if you want to.

## Account page: one cancellation
cancellation-title = Your cancellation of { $plan }
cancellation-state = Status
cancellation-received = Received
cancellation-counted = Counts from
cancellation-id = Number
cancellation-attention = We are looking at your cancellation. What has been done stays here, and you need not do anything.
cancellation-reload = Reload the page
cancellation-verdicts = Decisions about your payments
cancellation-refunds-later = Shown here once they are decided.
cancellation-elsewhere = The subscription was stopped directly with the payment provider, and nothing was decided about refunds. Open the subscription to see what a cancellation here would give back.
cancellation-receipt = Receipt
cancellation-receipt-later = The receipt is shown here when everything is done.
cancellation-receipt-download = Download the receipt as text

## Account page: when something cannot be done
signed-out-title = You are not signed in
signed-out = Open your account with the link on the website where you bought the subscription. The link works for ten minutes, once. After that you are signed in until you have been away for 30 minutes, at most for 12 hours.
link-used-title = The link cannot be used
link-used = It has been used before, or is older than ten minutes. Ask for a new link on the website where you bought the subscription.
goodbye-title = You are signed out
goodbye = To come back, open a new link on the website where you bought the subscription.
not-found-title = There is no such page
not-found = The address leads nowhere, or to something that is not yours.
form-bad-title = The form could not be read
form-bad = Nothing was changed. Go back, reload the page and try again.
form-forged-title = The form does not belong to your session
form-forged = Nothing was changed. This happens when the page has been open for long or when you have signed in again. Go to your account and try again.
unavailable-title = The cancellation could not be taken
unavailable = The payment provider does not answer at the moment, so nothing is canceled. Try again in a few minutes. If it is urgent, contact customer service where you bought the subscription and cancel there: that time then counts.
not-configured = This subscription cannot be canceled here yet, so nothing is canceled. Contact customer service where you bought the subscription and cancel there: that time then counts.
failed-title = Something went wrong on our side
failed = We cannot show the page at the moment. Try again in a while. What has been canceled already is kept.
to-account = To my subscriptions
try-again = Try again

## Reports: headings
report-reconciliation = Reconciliation
report-waterfall = From gross to bank
report-breaks = Open breaks by age
report-refunds = Refunds by verdict and clause
report-revenue = Revenue schedule
report-all-connections = all connections
report-all-time = all days
report-from = from { $day }
report-to = up to { $day }
report-through = through { $day }
report-never-reconciled = not reconciled yet
report-not-yet = Nothing has been reconciled yet.
report-nothing-moved = No money moved in this time.
report-no-breaks = No break is open.
report-no-refunds = Nothing was decided, and nothing was refunded.
report-nothing-deferred = Nothing was paid ahead.
report-open-breaks = Open breaks: { $count }
report-oldest = oldest: { $days } days
report-days = { $days } days
report-older = more than { $days } days

## Reports: what tones stand for
tone-sum = sum
tone-gain = adds
tone-loss = takes away
tone-refund = refunded
tone-partial = in part, or by others
tone-outside = outside the policy
tone-reject = not refunded

## Reports: from gross to bank
step-charges = Charges, gross
step-refunds = Refunds
step-disputes = Disputes
step-provider-fees = Provider's fees
step-reserve = Held in reserve
step-conversion = Currency conversion
step-suspense = Unexplained so far
step-net = Net
step-at-provider = Stays at the provider
step-in-transit = On its way to the bank
step-shortfalls = Bank fees, given up
step-bank = In the bank

## Reports: reconciliation
summary-provider = By the provider's reports
summary-ledger = By our books
summary-agrees = agrees
summary-differs = differs by { $amount }
summary-no-report = no report to compare with
expected-not-reported = { $connection }: { $amount } is in no report yet, since { $day }
expected-not-settled = { $connection }: { $amount } is in no settlement yet, since { $day }
expected-not-in-bank = { $connection }: { $amount } is on its way to the bank, since { $day }
expected-not-paid-out = { $connection }: { $amount } is not paid out yet, on { $day }

## Reports: breaks
break-missing-in-ledger = Missing in our books
break-missing-at-provider = Missing at the provider
break-amount-mismatch = Different amounts
break-fee-mismatch = Different fees
break-currency-mismatch = Different currencies
break-duplicate-at-provider = Twice at the provider
break-payout-not-in-bank = Payout not in the bank
break-payout-amount-mismatch = Payout of another amount
break-bank-line-unmatched = Unknown bank line
break-status-mismatch = Not what we believed
break-refund-outside-policy = Refund outside the policy
break-charged-after-cancellation = Charged after cancellation

## Reports: refunds
refunds-verdicts = Decided, number of charges
refunds-made = Refunds, number
refunds-granted = back to customers: { $amounts }
refunds-kept = charged, and not refunded: { $amounts }
verdict-not-paid = Nothing was paid
verdict-disputed = Disputed
verdict-already-refunded = Already refunded
verdict-charged-after-request = Charged after the request
verdict-not-recurring = Not recurring
verdict-earlier-period = An earlier period
verdict-outside-window = Asked too late
verdict-period-delivered = The period is delivered
verdict-partly-delivered = Latest charge, partly delivered
verdict-latest-charge = Latest charge
made-by-us = By us
made-by-policy = By others, as the policy says
made-outside-policy = By others, outside the policy
made-not-judged = By others, not judged
made-pending = decided
made-submitted = under way
made-succeeded = done
made-failed = came back
made-canceled = canceled
made-unknown = no answer yet

## Reports: revenue
revenue-before = Earlier
revenue-after = Later
revenue-standing = recognised { $earned }, deferred { $left }
