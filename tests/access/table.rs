//! The table of who may what, and how it is read.

use std::collections::BTreeMap;

use crate::openapi::document::Operation;

/// What each operation asks for, and who may call it: about a member and its users, keys and
/// subscriptions, or about a provider and its services.
///
/// Where a token is asked for, who has none that is good gets 401; who acts in another pole gets
/// 404; and a key with all scopes but the one that is asked for gets 403. The others are
///
/// - `admin`, `fin` and `audit`: the pole’s administrator, finance and auditor;
/// - `m-adm`, `m-usr` and `prov`: the member’s administrator and user, and the provider;
/// - `m-oth` and `p-oth`: another member’s administrator, and another provider;
/// - `key`: a key of the pole with the scope that is asked for, and no other;
/// - `keys`: a key of the pole with every scope,
///
/// and are answered
///
/// - `+`: what the document promises;
/// - `-`: 403, they may not;
/// - `?`: 404, as if there were nothing;
/// - a number: that status, since something else speaks against it. A key has no session to end,
///   and a body that names another’s provider names nothing.
const WHO_MAY: &str = "
    operation                asks-for             admin fin audit m-adm m-usr prov m-oth p-oth key keys
    getLiveness              nothing
    getReadiness             nothing
    getSigningKeys           nothing
    getPole                  nothing
    updatePole               pole:write             +    -    -     -     -    -     -     -    +   +
    createSession            nothing
    redeemSignInLink         nothing
    refreshSession           nothing
    endSession               token                  +    +    +     +     +    +     +     +   409 409
    requestSignInLink        nothing
    getMe                    token                  +    +    +     +     +    +     +     +    +   +
    changePassword           token                  +    +    +     +     +    +     +     +    -   -
    listUsers                users:read             +    +    +     +     -    -     +     -    +   +
    createUser               users:write            +    -    -     +     -    -     -     -    -   +
    getUser                  users:read             +    +    +     +     -    -     ?     -    +   +
    updateUser               users:write            +    -    -     +     -    -     ?     -    -   +
    listApiKeys              keys:read              +    +    +     +     -    +     +     +    +   +
    createApiKey             keys:write             +    -    -     +     -    +     -     -    +   +
    getApiKey                keys:read              +    +    +     +     -    +     ?     ?    +   +
    revokeApiKey             keys:write             +    -    -     +     -    +     ?     ?    +   +
    listIdentityProviders    pole:read              +    +    +     -     -    -     -     -    +   +
    createIdentityProvider   pole:write             +    -    -     -     -    -     -     -    -   +
    getIdentityProvider      pole:read              +    +    +     -     -    -     -     -    +   +
    deleteIdentityProvider   pole:write             +    -    -     -     -    -     -     -    -   +
    updateIdentityProvider   pole:write             +    -    -     -     -    -     -     -    -   +
    importMembers            members:write          +    +    -     -     -    -     -     -    +   +
    listMembers              members:read           +    +    +     +     +    -     +     -    +   +
    createMember             members:write          +    +    -     -     -    -     -     -    +   +
    getMember                members:read           +    +    +     +     +    -     ?     -    +   +
    updateMember             members:write          +    +    -     +     -    -     ?     -    +   +
    listProviders            catalogue:read         +    +    +     -     -    +     -     +    +   +
    createProvider           catalogue:write        +    +    -     -     -    -     -     -    +   +
    getProvider              catalogue:read         +    +    +     -     -    +     -     ?    +   +
    updateProvider           catalogue:write        +    +    -     -     -    +     -     ?    +   +
    listServices             catalogue:read         +    +    +     -     -    +     -     +    +   +
    createService            catalogue:write        +    +    -     -     -    +     -    422   +   +
    getService               catalogue:read         +    +    +     -     -    +     -     ?    +   +
    updateService            catalogue:write        +    +    -     -     -    +     -     ?    +   +
    publishService           catalogue:write        +    +    -     -     -    +     -     ?    +   +
    retireService            catalogue:write        +    +    -     -     -    +     -     ?    +   +
    listSubscriptions        subscriptions:read     +    +    +     +     +    +     +     +    +   +
    listMemberSubscriptions  subscriptions:read     +    +    +     +     +    ?     ?     ?    +   +
    createSubscription       subscriptions:write    +    +    -     +     -    -     ?     -    +   +
    getSubscription          subscriptions:read     +    +    +     +     +    ?     ?     ?    +   +
    updateSubscription       subscriptions:write    +    +    -     -     -    -     ?     -    +   +
    endSubscription          subscriptions:write    +    +    -     +     -    -     ?     -    +   +
    resumeSubscription       subscriptions:write    +    +    -     +     -    -     ?     -    +   +
    listUsageAlerts          subscriptions:read     +    +    +     +     +    ?     ?     ?    +   +
    createUsageAlert         subscriptions:write    +    +    -     +     -    -     ?     -    +   +
    getUsageAlert            subscriptions:read     +    +    +     +     +    ?     ?     ?    +   +
    updateUsageAlert         subscriptions:write    +    +    -     +     -    -     ?     -    +   +
    deleteUsageAlert         subscriptions:write    +    +    -     +     -    -     ?     -    +   +
    listTariffs              catalogue:read         +    +    +     -     -    +     -     ?    +   +
    createTariff             catalogue:write        +    +    -     -     -    +     -     ?    +   +
    getTariff                catalogue:read         +    +    +     -     -    +     -     ?    +   +
    withdrawTariff           catalogue:write        +    +    -     -     -    +     -     ?    +   +
    listMeters               catalogue:read         +    +    +     -     -    +     -     ?    +   +
    createMeter              catalogue:write        +    +    -     -     -    +     -     ?    +   +
    getMeter                 catalogue:read         +    +    +     -     -    +     -     ?    +   +
    deleteMeter              catalogue:write        +    +    -     -     -    +     -     ?    +   +
    updateMeter              catalogue:write        +    +    -     -     -    +     -     ?    +   +
    listCatalogue            nothing
    getCatalogueService      nothing
    createQuote              nothing
    createServiceQuote       nothing
    reportUsage              usage:write            +    +    -     +     -    +    207   207   +   +
    voidUsage                usage:write            +    +    -     +     -    +    422   422   +   +
    listUsageEvents          usage:read             +    +    +     +     +    +     +     +    +   +
    exportUsageEvents        usage:read             +    +    +     +     +    +     +     +    +   +
    listUnmatchedUsage       usage:read             +    +    +     -     -    -     -     -    +   +
    countUnmatchedUsage      usage:read             +    +    +     -     -    -     -     -    +   +
    resolveUnmatchedUsage    usage:write            +    +    -     -     -    -     -     -    +   +
    discardUnmatchedUsage    usage:write            +    +    -     -     -    -     -     -    +   +
    getUsage                 usage:read             +    +    +     +     +    +     +     +    +   +
    getPriceBoard            usage:read             +    +    +     +     +    +     ?     ?    +   +
    streamPriceBoard         usage:read             +    +    +     +     +    +     ?     ?    +   +
    getPriceCurve            usage:read             +    +    +     +     +    +     ?     ?    +   +
    drawPriceCurve           usage:read             +    +    +     +     +    +     ?     ?    +   +
    getEntitlement           subscriptions:read     +    +    +     +     +    +     ?     ?    +   +
    getBillingSettings       invoices:read          +    +    +     -     -    -     -     -    +   +
    setBillingSettings       invoices:write         +    +    -     -     -    -     -     -    +   +
    listInvoices             invoices:read          +    +    +     +     +    -     +     -    +   +
    getInvoice               invoices:read          +    +    +     +     +    -     ?     -    +   +
    getInvoicePdf            invoices:read          +    +    +     +     +    -     ?     -    +   +
    getInvoiceCii            invoices:read          +    +    +     +     +    -     ?     -    +   +
    downloadInvoices         invoices:read          +    +    +     +     +    -     ?     -    +   +
    getInvoiceUbl            invoices:read          +    +    +     +     +    -     ?     -    +   +
    listInvoiceStatuses      invoices:read          +    +    +     +     +    -     ?     -    +   +
    addInvoiceStatus         invoices:write         +    +    -     -     -    -     -     -    +   +
    holdInvoice              invoices:write         +    +    -     -     -    -     -     -    +   +
    releaseInvoice           invoices:write         +    +    -     -     -    -     -     -    +   +
    setManualLines           invoices:write         +    +    -     -     -    -     -     -    +   +
    creditInvoice            invoices:write         +    +    -     -     -    -     -     -    +   +
    replaceInvoice           invoices:write         +    +    -     -     -    -     -     -    +   +
    getInvoiceRuns           invoices:read          +    +    +     -     -    -     -     -    +   +
    runInvoices              invoices:write         +    +    -     -     -    -     -     -    +   +
    reviewInvoices           invoices:read          +    +    +     -     -    -     -     -    +   +
    finaliseInvoices         invoices:write         +    +    -     -     -    -     -     -    +   +
    getUpcomingInvoice       invoices:read          +    +    +     +     +    -     ?     -    +   +
    listCreditGrants         invoices:read          +    +    +     +     +    -     ?     -    +   +
    createCreditGrant        invoices:write         +    +    -     -     -    -     -     -    +   +
    getCreditGrant           invoices:read          +    +    +     +     +    -     ?     -    +   +
    revokeCreditGrant        invoices:write         +    +    -     -     -    -     -     -    +   +
    listCreditDraws          invoices:read          +    +    +     +     +    -     ?     -    +   +
    getCreditGrantBalance    invoices:read          +    +    +     +     +    -     ?     -    +   +
    listPayments             payments:read          +    +    +     +     +    -     +     -    +   +
    recordPayment            payments:write         +    +    -     -     -    -     -     -    +   +
    getPayment               payments:read          +    +    +     +     +    -     ?     -    +   +
    reversePayment           payments:write         +    +    -     -     -    -     -     -    +   +
    listOpenItems            payments:read          +    +    +     +     +    -     +     -    +   +
    getMemberBalance         payments:read          +    +    +     +     +    -     ?     -    +   +
    useMemberCredit          payments:write         +    +    -     -     -    -     -     -    +   +
    importBankStatement      payments:write         +    +    -     -     -    -     -     -    +   +
    listBankStatements       payments:read          +    +    +     -     -    -     -     -    +   +
    listBankMovements        payments:read          +    +    +     -     -    -     -     -    +   +
    getBankMovement          payments:read          +    +    +     -     -    -     -     -    +   +
    resolveBankMovement      payments:write         +    +    -     -     -    -     -     -    +   +
    getCollectionSettings    payments:read          +    +    +     -     -    -     -     -    +   +
    setCollectionSettings    payments:write         +    +    -     -     -    -     -     -    +   +
    listPaymentMeans         payments:read          +    +    +     +     +    -     +     -    +   +
    getStripeAccount         pole:read              +    +    +     -     -    -     -     -    +   +
    setStripeAccount         pole:write             +    -    -     -     -    -     -     -    +   +
    deleteStripeAccount      pole:write             +    -    -     -     -    -     -     -    +   +
    lookAtStripe             payments:write         +    +    -     -     -    -     -     -    +   +
    listStripeEvents         payments:read          +    +    +     -     -    -     -     -    +   +
    receiveStripeEvent       nothing
    listPayouts              payments:read          +    +    +     -     -    -     -     -    +   +
    getPayout                payments:read          +    +    +     -     -    -     -     -    +   +
    saveMeansOfPayment       members:write          +    +    -     +     -    -     ?     -    +   +
    refundCollection         payments:write        409  409   -     -     -    -     -     -   409 409
    getPaymentLink           invoices:read          +    +    +     +     +    -     ?     -    +   +
    followPaymentLink        nothing
    recordMandate            payments:write         +    +    -     -     -    -     -     -    +   +
    getPaymentMeans          payments:read          +    +    +     +     +    -     ?     -    +   +
    setDefaultPaymentMeans   payments:write         +    +    -     -     -    -     -     -    +   +
    endPaymentMeans          payments:write         +    +    -     -     -    -     -     -    +   +
    revokePaymentMeans       members:write          +    +    -     +     -    -     ?     -    +   +
    listCollections          payments:read          +    +    +     +     +    -     +     -    +   +
    planCollections          payments:write         +    +    -     -     -    -     -     -    +   +
    getCollection            payments:read          +    +    +     +     +    -     ?     -    +   +
    cancelCollection         payments:write         409  409   -     -     -    -     -     -   409 409
    listDebitFiles           payments:read          +    +    +     -     -    -     -     -    +   +
    makeDebitFile            payments:write         +    +    -     -     -    -     -     -    +   +
    readDebitAnswer          payments:write         422  422   -     -     -    -     -     -   422 422
    getDebitFile             payments:read          +    +    +     -     -    -     -     -    +   +
    getDebitFileContent      payments:read          +    +    +     -     -    -     -     -    +   +
    settleDebitFile          payments:write         422  422   -     -     -    -     -     -   422 422
    cancelDebitFile          payments:write         +    +    -     -     -    -     -     -    +   +
    listProviderBills        payments:read          +    +    +     ?     ?    -     ?     -    +   +
    recordProviderBill       payments:write         +    +    -     -     -    -     -     -    +   +
    getProviderBill          payments:read          +    +    +     ?     ?    -     ?     -    +   +
    cancelProviderBill       payments:write         +    +    -     -     -    -     -     -    +   +
    listProviderAccounts     payments:read          +    +    +     ?     ?    -     ?     -    +   +
    giveProviderAccount      payments:write         +    +    -     -     -    -     -     -    +   +
    getProviderAccount       payments:read          +    +    +     ?     ?    -     ?     -    +   +
    confirmProviderAccount   payments:write         +    +    -     -     -    -     -     -    -   -
    endProviderAccount       payments:write         +    +    -     -     -    -     -     -    +   +
    listTransfers            payments:read          +    +    +     -     -    -     -     -    +   +
    payCreditBack            payments:write         +    +    -     -     -    -     -     -    +   +
    planTransfers            payments:write         +    +    -     -     -    -     -     -    +   +
    getTransfer              payments:read          +    +    +     -     -    -     -     -    +   +
    settleTransfer           payments:write         +    +    -     -     -    -     -     -    +   +
    returnTransfer           payments:write        409  409   -     -     -    -     -     -   409 409
    cancelTransfer           payments:write         +    +    -     -     -    -     -     -    +   +
    listTransferFiles        payments:read          +    +    +     -     -    -     -     -    +   +
    makeTransferFile         payments:write         +    +    -     -     -    -     -     -    +   +
    readTransferAnswer       payments:write        422  422   -     -     -    -     -     -   422 422
    getTransferFile          payments:read          +    +    +     -     -    -     -     -    +   +
    getTransferFileContent   payments:read          +    +    +     -     -    -     -     -    +   +
    settleTransferFile       payments:write         +    +    -     -     -    -     -     -    +   +
    cancelTransferFile       payments:write         +    +    -     -     -    -     -     -    +   +
    getAgedReceivables       books:read             +    +    +     -     -    -     -     -    +   +
    getOpenDocuments         books:read             +    +    +     -     -    -     -     -    +   +
    getMemberBalances        books:read             +    +    +     -     -    -     -     -    +   +
    getTrialBalance          books:read             +    +    +     -     -    -     -     -    +   +
    getVatReturn             books:read             +    +    +     -     -    -     -     -    +   +
    getRevenue               books:read             +    +    +     -     -    -     -     -    +   +
    getJournal               books:read             +    +    +     -     -    -     -     -    +   +
    getInvoiceRegister       books:read             +    +    +     -     -    -     -     -    +   +
    getPaymentRegister       books:read             +    +    +     -     -    -     -     -    +   +
    getClosings              books:read             +    +    +     -     -    -     -     -    +   +
    getClosing               books:read             +    +    +     -     -    -     -     -    +   +
    closePeriod              books:write            +    +    -     -     -    -     -     -    +   +
    getChartOfAccounts       books:read             +    +    +     -     -    -     -     -    +   +
    getDunningSettings       dunning:read           +    +    +     -     -    -     -     -    +   +
    setDunningSettings       dunning:write          +    +    -     -     -    -     -     -    +   +
    listLateInvoices         dunning:read           +    +    +     -     -    -     -     -    +   +
    listDunningLetters       dunning:read           +    +    +     -     -    -     -     -    +   +
    runDunning               dunning:write          +    +    -     -     -    -     -     -    +   +
    pauseDunning             dunning:write          +    +    -     -     -    -     -     -    +   +
    resumeDunning            dunning:write          +    +    -     -     -    -     -     -    +   +
    chargePenalty            dunning:write         409  409   -     -     -    -     -     -   409 409
    listSuspensions          dunning:read           +    +    +     -     -    -     -     -    +   +
    suspendServices          dunning:write         409  409   -     -     -    -     -     -   409 409
    getSuspension            dunning:read           +    +    +     -     -    -     -     -    +   +
    liftSuspension           dunning:write          +    +    -     -     -    -     -     -    +   +
    getWebhookEndpoint       catalogue:read         +    +    +     -     -    +     -     ?    +   +
    setWebhookEndpoint       catalogue:write        +    +    -     -     -    +     -     ?    +   +
    deleteWebhookEndpoint    catalogue:write        +    +    -     -     -    +     -     ?    +   +
    rotateWebhookSecret      catalogue:write        +    +    -     -     -    +     -     ?    +   +
    testWebhookEndpoint      catalogue:write        +    +    -     -     -    +     -     ?    +   +
    listWebhookDeliveries    catalogue:read         +    +    +     -     -    +     -     ?    +   +
    sendWebhookAgain         catalogue:write        +    +    -     -     -    +     -     ?    +   +
    listMails                mails:read             +    +    +     -     -    -     -     -    +   +
    getMail                  mails:read             +    +    +     -     -    -     -     -    +   +
    sendMailAgain            mails:write          409  409    -     -     -    -     -     -  409 409
    reportMailBounce         mails:write            +    +    -     -     -    -     -     -    +   +
    listAuditEntries         audit:read             +    +    +     -     -    -     -     -    +   +
    verifyAuditLog           audit:read             +    +    +     -     -    -     -     -    +   +
";

/// Asked for by an operation that anybody may call.
pub(super) const NOTHING: &str = "nothing";
/// Asked for by an operation that is for everybody who is somebody.
pub(super) const TOKEN: &str = "token";

/// What the table says of an operation.
pub(super) struct Row {
    pub(super) operation: &'static str,
    /// A scope, [`TOKEN`] or [`NOTHING`].
    pub(super) asks_for: &'static str,
    cells: BTreeMap<&'static str, &'static str>,
}

/// All rows.
pub(super) fn rows() -> Vec<Row> {
    let mut lines = WHO_MAY.lines().filter(|line| !line.is_empty()).map(str::split_whitespace);
    let callers: Vec<_> = lines.next().unwrap().skip(2).collect();
    let row = |mut words: std::str::SplitWhitespace<'static>| {
        let (operation, asks_for) = (words.next().unwrap(), words.next().unwrap());
        let cells: Vec<_> = words.collect();
        let expected = if asks_for == NOTHING { 0 } else { callers.len() };
        assert_eq!(cells.len(), expected, "the line of {operation} is cut off, or too long");
        Row { operation, asks_for, cells: callers.iter().copied().zip(cells).collect() }
    };
    lines.map(row).collect()
}

impl Row {
    /// The status that a caller is answered with.
    pub(super) fn expects(&self, caller: &str, operation: &Operation<'_>) -> u16 {
        match self.cells.get(caller).copied() {
            None if self.asks_for == NOTHING => success(operation),
            None => panic!("the table has no column {caller}"),
            Some("+") => success(operation),
            Some("-") => 403,
            Some("?") => 404,
            Some(status) => status.parse().unwrap(),
        }
    }

    /// Every status that somebody is answered with.
    pub(super) fn statuses(&self, operation: &Operation<'_>) -> Vec<u16> {
        let listed = self.cells.keys().map(|caller| self.expects(caller, operation));
        let others =
            if self.asks_for == NOTHING { vec![success(operation)] } else { vec![401, 404] };
        listed.chain(others).collect()
    }
}

/// How an operation goes if nothing is in its way. Of usage, some may not be taken (207); of a file, a part
/// may be asked for (206).
fn success(operation: &Operation<'_>) -> u16 {
    let statuses = operation.said["responses"].as_object().unwrap().keys();
    let statuses: Vec<u16> = statuses.filter_map(|status| status.parse().ok()).collect();
    let is_good = |status: &&u16| (200..300).contains(*status) && ![206, 207].contains(*status);
    let good: Vec<_> = statuses.iter().filter(is_good).collect();
    let [status] = good[..] else { panic!("{operation} goes well in several ways: {good:?}") };
    *status
}
