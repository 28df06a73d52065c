### Texter för människor: kontosidan, kvittot, rapporter. Samma nycklar som i en.ftl.

## Belopp, tider och perioder
moment = { $day } kl. { $time } { $zone }
period = { $start } – { $end }
price-every-day = { $price } per dag
price-every-week = { $price } per vecka
price-every-month = { $price } per månad
price-every-year = { $price } per år
price-days = { $price } för { $count } dagar
price-weeks = { $price } för { $count } veckor
price-months = { $price } för { $count } månader
price-years = { $price } för { $count } år
charge-for-period = { $amount } för perioden { $period }

## Prenumerationer
subscription = Prenumeration
status-incomplete = Väntar på den första betalningen
status-trialing = Provperiod
status-active = Aktiv
status-past-due = Betalningen är försenad
status-unpaid = Obetald
status-paused = Pausad
status-canceled = Avslutad
status-expired = Blev aldrig betald och har förfallit
kind-initial = Första betalningen
kind-renewal = Förnyelse
kind-other = Övrig betalning

## Beslut
decision-refund = Hela beloppet betalas tillbaka: { $amount }
decision-rest = Det som återstår betalas tillbaka: { $amount }
decision-partial = En del betalas tillbaka: { $amount }
decision-waived = Ger rätt till { $amount } tillbaka, men uppsägningen gäller utan återbetalning
decision-reject = Betalas inte tillbaka
clause = Punkt { $clause } i återbetalningsvillkoren.

## När det slutar
stop-over = Prenumerationen var redan avslutad den { $moment }. Inga fler betalningar dras.
stop-immediate = Prenumerationen slutade den { $moment }. Inga fler betalningar dras.
stop-period-end = Du kan använda prenumerationen till den { $moment }. Då slutar den, och inga fler betalningar dras.
stop-undone = Uppsägningen är återtagen. Prenumerationen fortsätter och förnyas som förut.
stop-under-way = Vi stoppar kommande betalningar nu. När prenumerationen slutar står här så snart betaltjänsten har bekräftat det.

## Återbetalningar
refund-line = Återbetalning
refund-pending = på väg: beslutad, och skickas snart till betaltjänsten
refund-submitted = på väg: betaltjänsten har den
refund-succeeded = genomförd: pengarna är skickade. Det kan ta några dagar innan de syns hos din bank
refund-waits-for-us = på väg, men det dröjer längre än vanligt: betaltjänsten väntar på pengar från oss. Du behöver inte göra något
refund-waits-for-charge = på väg: den skickas så snart din egen betalning har kommit fram
refund-waits-for-you = väntar på dig: betaltjänsten har frågat dig via e-post vilket konto pengarna ska till
refund-failed = kom tillbaka: den gick inte att betala ut. Vi är fortfarande skyldiga dig { $amount } och tar hand om det. Du behöver inte göra något
refund-replaced = kom tillbaka, och en annan återbetalning har ersatt den
refund-canceled = avbruten: den genomfördes inte
refund-unknown = kontrolleras: vi har begärt den och väntar på besked från betaltjänsten

## Kvittot
receipt-subject = Kvitto på din uppsägning av { $plan }
receipt-subject-plain = Kvitto på din uppsägning
receipt-greeting = Hej!
receipt-received = Vi har tagit emot din uppsägning av { $plan }. Den kom in den { $moment }.
receipt-received-plain = Vi har tagit emot din uppsägning av prenumerationen. Den kom in den { $moment }.
receipt-judged = Den räknas från den { $moment }, när du först hörde av dig.
receipt-stop = När prenumerationen slutar
receipt-charges = Dina betalningar
receipt-no-charges = Ingen betalning är dragen för prenumerationen.
receipt-refunds = Återbetalningar
receipt-refund = { $amount } – { $state }.
receipt-no-refunds = Ingenting betalas tillbaka.
receipt-attention = En av oss ser över din uppsägning och rättar det som behövs. Du behöver inte göra något.
receipt-undone-subject = Din uppsägning av { $plan } är återtagen
receipt-undone-subject-plain = Din uppsägning är återtagen
receipt-undone = Din uppsägning, som kom in den { $received }, togs tillbaka den { $moment }. Prenumerationen fortsätter, och kommande betalningar dras som förut.
receipt-undone-objection = Har du inte gått med på det, säg upp igen på din kontosida eller kontakta kundtjänsten där du köpte prenumerationen.
receipt-id = Uppsägningens nummer: { $id }
receipt-keep = Spara gärna det här kvittot.

## Kontosidan: ramen
site-name = Mitt konto
skip = Hoppa till innehållet
navigation = Konto
other-language = English
sign-out = Logga ut
back-to-shop = Tillbaka till webbplatsen
your-account = Mina prenumerationer

## Kontosidan: översikt
overview-title = Mina prenumerationer
overview-none = Du har inga prenumerationer.
label-price = Pris
label-status = Status
label-next-billing = Nästa betalning
label-ends = Slutar
label-ended = Slutade
label-trial-until = Provperiod till
show-subscription = Betalningar och uppsägning
your-cancellations = Mina uppsägningar
cancellation-line = { $plan }, { $day }
state-requested = Mottagen
state-canceling = Betalningarna stoppas
state-refunding = Återbetalning pågår
state-completed = Klar
state-undone = Återtagen: prenumerationen fortsätter
state-attention = Vi ser över den

## Kontosidan: en prenumeration
charges-title = Betalningar
charges-explained = Under varje betalning står vad som händer med den om du säger upp nu.
charges-none = Ingen betalning är dragen än.
label-kind = Gäller
label-period = Period
label-refunded = Återbetalt
cancel-button = Säg upp
cancel-standing = Den här prenumerationen är uppsagd.
cancel-show = Visa uppsägningen
cancel-nothing = Prenumerationen är avslutad, och inga fler betalningar dras.

## Kontosidan: uppsägningen, att se på
cancel-title = Säg upp { $plan }
cancel-look = Inget är uppsagt än. Se vad som händer, och bekräfta längst ned.
cancel-stops-title = När det slutar
cancel-stops-now = Prenumerationen slutar genast när du bekräftar. Inga fler betalningar dras.
cancel-stops-later = Du kan använda prenumerationen till den { $moment }. Då slutar den, och inga fler betalningar dras.
cancel-stopped = Prenumerationen är redan avslutad sedan den { $moment }. Uppsägningen gäller bara vad som betalas tillbaka.
cancel-refunded-title = Det här betalas tillbaka
cancel-refunded-none = Ingenting betalas tillbaka.
cancel-rejected-title = Det här betalas inte tillbaka
cancel-shared-title = Det här avgör en av oss
cancel-shared = Betalningen hör till en faktura för flera prenumerationer. En av oss räknar ut vad som gäller den här.
cancel-choice = Ditt val
cancel-choice-refund = Avsluta genast och få { $amount } tillbaka
cancel-choice-keep = Behåll prenumerationen till den { $moment }, utan återbetalning
cancel-confirm-title = Bekräfta
cancel-confirm = Bekräfta uppsägningen
cancel-regret = Nej, gå tillbaka
cancel-changed = Något har ändrats sedan du såg sidan: den senaste betalningen är en annan. Inget är uppsagt. Se på uppgifterna igen och bekräfta om du vill.

## Kontosidan: en uppsägning
cancellation-title = Din uppsägning av { $plan }
cancellation-state = Läget
cancellation-received = Mottagen
cancellation-counted = Räknas från
cancellation-id = Nummer
cancellation-attention = Vi ser över din uppsägning. Det som redan är gjort står kvar här, och du behöver inte göra något.
cancellation-reload = Uppdatera sidan
cancellation-verdicts = Beslut om dina betalningar
cancellation-refunds-later = Visas här när de är beslutade.
cancellation-elsewhere = Prenumerationen stoppades direkt hos betaltjänsten, och inget är beslutat om återbetalning. Öppna prenumerationen för att se vad en uppsägning här skulle ge tillbaka.
cancellation-receipt = Kvitto
cancellation-receipt-later = Kvittot visas här när allt är klart.
cancellation-receipt-download = Hämta kvittot som text

## Kontosidan: när något inte går
signed-out-title = Du är inte inloggad
signed-out = Öppna ditt konto med länken på webbplatsen där du köpte prenumerationen. Länken gäller i tio minuter och kan användas en gång. Därefter är du inloggad tills du har varit borta i 30 minuter, längst 12 timmar.
link-used-title = Länken går inte att använda
link-used = Den är redan använd eller äldre än tio minuter. Be om en ny länk på webbplatsen där du köpte prenumerationen.
goodbye-title = Du är utloggad
goodbye = Vill du in igen, öppna en ny länk på webbplatsen där du köpte prenumerationen.
not-found-title = Sidan finns inte
not-found = Adressen leder ingenstans, eller till något som inte är ditt.
form-bad-title = Formuläret gick inte att läsa
form-bad = Inget är ändrat. Gå tillbaka, läs in sidan på nytt och försök igen.
form-forged-title = Formuläret hör inte till din inloggning
form-forged = Inget är ändrat. Det händer när sidan har stått öppen länge eller när du har loggat in på nytt. Gå till ditt konto och försök igen.
unavailable-title = Uppsägningen kunde inte tas emot
unavailable = Betaltjänsten svarar inte just nu, så inget är uppsagt. Försök igen om några minuter. Brådskar det, kontakta kundtjänsten där du köpte prenumerationen och säg upp där, så räknas den tiden.
not-configured = Den här prenumerationen kan inte sägas upp här än, så inget är uppsagt. Kontakta kundtjänsten där du köpte prenumerationen och säg upp där, så räknas den tiden.
failed-title = Något gick fel hos oss
failed = Vi kan inte visa sidan just nu. Försök igen om en stund. Det som redan är uppsagt är sparat.
to-account = Till mina prenumerationer
try-again = Försök igen

## Rapporter: rubriker
report-reconciliation = Avstämning
report-waterfall = Från brutto till bank
report-breaks = Öppna avvikelser efter ålder
report-refunds = Återbetalningar efter beslut och punkt
report-revenue = När intäkterna intjänas
report-all-connections = alla anslutningar
report-all-time = alla dagar
report-from = från { $day }
report-to = till och med { $day }
report-through = till och med { $day }
report-never-reconciled = inte avstämt än
report-not-yet = Ingenting har stämts av än.
report-nothing-moved = Inga pengar rörde sig under tiden.
report-no-breaks = Ingen avvikelse är öppen.
report-no-refunds = Ingenting beslutades, och ingenting återbetalades.
report-nothing-deferred = Ingenting har betalats i förskott.
report-open-breaks = Öppna avvikelser: { $count }
report-oldest = äldst: { $days } dagar
report-days = { $days } dagar
report-older = mer än { $days } dagar

## Rapporter: vad tonerna betyder
tone-sum = summa
tone-gain = ökar
tone-loss = minskar
tone-refund = återbetalas
tone-partial = delvis, eller av andra
tone-outside = utanför villkoren
tone-reject = återbetalas inte

## Rapporter: från brutto till bank
step-charges = Betalningar, brutto
step-refunds = Återbetalningar
step-disputes = Tvister
step-provider-fees = Leverantörens avgifter
step-reserve = Kvarhållet i reserv
step-conversion = Valutaväxling
step-suspense = Oförklarat hittills
step-net = Netto
step-at-provider = Stannar hos leverantören
step-in-transit = På väg till banken
step-shortfalls = Bankavgifter, avskrivet
step-bank = På banken

## Rapporter: avstämning
summary-provider = Enligt leverantörens rapporter
summary-ledger = Enligt vår bokföring
summary-agrees = stämmer
summary-differs = skiljer { $amount }
summary-no-report = ingen rapport att jämföra med
expected-not-reported = { $connection }: { $amount } finns inte i någon rapport än, sedan { $day }
expected-not-settled = { $connection }: { $amount } finns inte i någon avräkning än, sedan { $day }
expected-not-in-bank = { $connection }: { $amount } är på väg till banken, sedan { $day }
expected-not-paid-out = { $connection }: { $amount } är inte utbetalt än, den { $day }

## Rapporter: avvikelser
break-missing-in-ledger = Saknas i bokföringen
break-missing-at-provider = Saknas hos leverantören
break-amount-mismatch = Olika belopp
break-fee-mismatch = Olika avgifter
break-currency-mismatch = Olika valutor
break-duplicate-at-provider = Två gånger hos leverantören
break-payout-not-in-bank = Utbetalning saknas på banken
break-payout-amount-mismatch = Utbetalning med fel belopp
break-bank-line-unmatched = Okänd bankrad
break-status-mismatch = Inte som vi trodde
break-refund-outside-policy = Återbetalning utanför villkoren
break-charged-after-cancellation = Debiterat efter uppsägning

## Rapporter: återbetalningar
refunds-verdicts = Beslut, antal betalningar
refunds-made = Återbetalningar, antal
refunds-granted = tillbaka till kunder: { $amounts }
refunds-kept = betalt, och återbetalas inte: { $amounts }
verdict-not-paid = Ingenting betalades
verdict-disputed = Tvist
verdict-already-refunded = Redan återbetald
verdict-charged-after-request = Debiterad efter uppsägningen
verdict-not-recurring = Inte återkommande
verdict-earlier-period = En tidigare period
verdict-outside-window = För sent begärt
verdict-period-delivered = Perioden är levererad
verdict-partly-delivered = Senaste betalningen, delvis levererad
verdict-latest-charge = Senaste betalningen
made-by-us = Av oss
made-by-policy = Av andra, enligt villkoren
made-outside-policy = Av andra, utanför villkoren
made-not-judged = Av andra, inte bedömda
made-pending = beslutade
made-submitted = på väg
made-succeeded = klara
made-failed = kom tillbaka
made-canceled = inställda
made-unknown = inget svar än

## Rapporter: intäkter
revenue-before = Tidigare
revenue-after = Senare
revenue-standing = intjänat { $earned }, kvar att intjäna { $left }
