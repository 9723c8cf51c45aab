//! The tables, as both engines have them.

use diesel::{allow_tables_to_appear_in_same_query, table};

table! {
    poles (pole_id) {
        pole_id -> Text,
        code -> Text,
        name -> Text,
        time_zone -> Text,
        currency -> Text,
        language -> Text,
        minimum_active -> Integer,
        version -> BigInt,
        created_at -> BigInt,
        updated_at -> BigInt,
        unmatched_usage -> Text,
        usage_retention_months -> Nullable<Integer>,
    }
}

table! {
    audit_heads (pole_id) {
        pole_id -> Text,
        seq -> BigInt,
        seal -> Text,
    }
}

table! {
    audit_log (pole_id, seq) {
        pole_id -> Text,
        seq -> BigInt,
        at -> BigInt,
        actor -> Text,
        action -> Text,
        object -> Text,
        request -> Text,
        changes -> Text,
        seal -> Text,
    }
}

table! {
    idempotency_keys (pole_id, caller, key) {
        pole_id -> Text,
        caller -> Text,
        key -> Text,
        fingerprint -> Text,
        status -> Integer,
        location -> Nullable<Text>,
        etag -> Nullable<Text>,
        body -> Binary,
        created_at -> BigInt,
    }
}

table! {
    signing_keys (kid) {
        kid -> Text,
        wrapped -> Nullable<Binary>,
        public -> Binary,
        created_at -> BigInt,
        retired_at -> Nullable<BigInt>,
    }
}

table! {
    members (pole_id, member_id) {
        pole_id -> Text,
        member_id -> Text,
        code -> Text,
        name -> Text,
        legal_form -> Nullable<Text>,
        siren -> Nullable<Text>,
        siret -> Nullable<Text>,
        vat_number -> Nullable<Text>,
        vat_regime -> Text,
        size_class -> Nullable<Text>,
        address_lines -> Text,
        postcode -> Nullable<Text>,
        city -> Text,
        country -> Text,
        contact_name -> Nullable<Text>,
        contact_email -> Nullable<Text>,
        contact_phone -> Nullable<Text>,
        language -> Text,
        payment_terms -> Text,
        status -> Text,
        invoices_by -> Text,
        search -> Text,
        version -> BigInt,
        created_at -> BigInt,
        updated_at -> BigInt,
        electronic_address -> Nullable<Text>,
        purchase_order -> Nullable<Text>,
        vat_regime_changes -> Text,
    }
}

table! {
    jobs (pole_id, job_id) {
        pole_id -> Text,
        job_id -> Text,
        payload -> Binary,
        run_at -> BigInt,
        taken_until -> BigInt,
        attempts -> Integer,
        last_error -> Text,
        created_at -> BigInt,
    }
}

table! {
    providers (pole_id, provider_id) {
        pole_id -> Text,
        provider_id -> Text,
        name -> Text,
        siren -> Nullable<Text>,
        vat_number -> Nullable<Text>,
        contact_name -> Nullable<Text>,
        contact_email -> Text,
        contact_phone -> Nullable<Text>,
        member_id -> Nullable<Text>,
        status -> Text,
        search -> Text,
        version -> BigInt,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

table! {
    catalogue_versions (pole_id) {
        pole_id -> Text,
        version -> BigInt,
    }
}

table! {
    services (pole_id, service_id) {
        pole_id -> Text,
        service_id -> Text,
        provider_id -> Text,
        code -> Text,
        name_fr -> Text,
        name_en -> Nullable<Text>,
        description_fr -> Nullable<Text>,
        description_en -> Nullable<Text>,
        category -> Text,
        tags -> Text,
        unit_fr -> Nullable<Text>,
        unit_en -> Nullable<Text>,
        terms_url -> Nullable<Text>,
        terms_fr -> Nullable<Text>,
        terms_en -> Nullable<Text>,
        contract_anniversary -> Nullable<Text>,
        status -> Text,
        published_at -> Nullable<BigInt>,
        retired_at -> Nullable<BigInt>,
        search -> Text,
        version -> BigInt,
        created_at -> BigInt,
        updated_at -> BigInt,
        vat_supply -> Text,
        revenue_account -> Nullable<Text>,
        vat_supply_changes -> Text,
    }
}

table! {
    subscriptions (pole_id, subscription_id) {
        pole_id -> Text,
        subscription_id -> Text,
        member_id -> Text,
        service_id -> Text,
        tariff_id -> Nullable<Text>,
        first_day -> Text,
        last_day -> Nullable<Text>,
        weight_micros -> BigInt,
        minimum_amount_minor -> Nullable<BigInt>,
        version -> BigInt,
        created_at -> BigInt,
        updated_at -> BigInt,
        tier_mails -> Bool,
    }
}

table! {
    meters (pole_id, meter_id) {
        pole_id -> Text,
        meter_id -> Text,
        service_id -> Text,
        code -> Text,
        unit -> Text,
        aggregation -> Text,
        property -> Nullable<Text>,
        dimensions -> Text,
        version -> BigInt,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

table! {
    users (pole_id, user_id) {
        pole_id -> Text,
        user_id -> Text,
        email -> Text,
        email_key -> Text,
        name -> Text,
        language -> Text,
        status -> Text,
        password_hash -> Nullable<Text>,
        search -> Text,
        version -> BigInt,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

table! {
    user_grants (pole_id, user_id, position) {
        pole_id -> Text,
        user_id -> Text,
        position -> Integer,
        role -> Text,
        member_id -> Nullable<Text>,
        provider_id -> Nullable<Text>,
    }
}

table! {
    sessions (pole_id, session_id) {
        pole_id -> Text,
        session_id -> Text,
        user_id -> Text,
        method -> Text,
        created_at -> BigInt,
        expires_at -> BigInt,
        revoked_at -> Nullable<BigInt>,
    }
}

table! {
    refresh_tokens (pole_id, hash) {
        pole_id -> Text,
        hash -> Text,
        session_id -> Text,
        created_at -> BigInt,
        expires_at -> BigInt,
        used_at -> Nullable<BigInt>,
    }
}

table! {
    sign_in_links (pole_id, hash) {
        pole_id -> Text,
        hash -> Text,
        user_id -> Text,
        created_at -> BigInt,
        expires_at -> BigInt,
        used_at -> Nullable<BigInt>,
    }
}

table! {
    sign_in_attempts (pole_id, account) {
        pole_id -> Text,
        account -> Text,
        attempts -> Integer,
        last_at -> BigInt,
        blocked_until -> BigInt,
    }
}

table! {
    api_keys (pole_id, api_key_id) {
        pole_id -> Text,
        api_key_id -> Text,
        hash -> Text,
        hint -> Text,
        name -> Text,
        member_id -> Nullable<Text>,
        provider_id -> Nullable<Text>,
        scopes -> Text,
        created_by -> Text,
        created_at -> BigInt,
        expires_at -> Nullable<BigInt>,
        last_used_at -> Nullable<BigInt>,
        revoked_at -> Nullable<BigInt>,
    }
}

table! {
    identity_providers (pole_id, identity_provider_id) {
        pole_id -> Text,
        identity_provider_id -> Text,
        name -> Text,
        issuer -> Text,
        audience -> Text,
        jwks_url -> Text,
        algorithms -> Text,
        version -> BigInt,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

table! {
    tariffs (pole_id, tariff_id) {
        pole_id -> Text,
        tariff_id -> Text,
        service_id -> Text,
        name -> Text,
        effective_from -> Text,
        document -> Text,
        takes_effect_at -> BigInt,
        created_at -> BigInt,
    }
}

table! {
    usage_series (pole_id, series_id) {
        pole_id -> Text,
        series_id -> BigInt,
        member_id -> Text,
        meter_id -> Text,
        dimensions -> Text,
    }
}

table! {
    usage_events (pole_id, happened_at, event_id) {
        pole_id -> Text,
        happened_at -> BigInt,
        event_id -> Text,
        series_id -> BigInt,
        quantity_micros -> BigInt,
        properties -> Text,
        amends_at -> Nullable<BigInt>,
        amends_id -> Nullable<Text>,
        late -> Bool,
        received_at -> BigInt,
    }
}

table! {
    usage_voids (pole_id, happened_at, event_id) {
        pole_id -> Text,
        happened_at -> BigInt,
        event_id -> Text,
        amended_by -> Nullable<Text>,
        reason -> Text,
        actor -> Text,
        voided_at -> BigInt,
    }
}

table! {
    usage_days (pole_id, day, series_id) {
        pole_id -> Text,
        day -> Integer,
        series_id -> BigInt,
        quantity_micros -> BigInt,
        events -> BigInt,
    }
}

table! {
    usage_deltas (pole_id, delta_id) {
        pole_id -> Text,
        delta_id -> Text,
        body -> Binary,
    }
}

table! {
    usage_levels (pole_id, series_id, happened_at, event_id) {
        pole_id -> Text,
        series_id -> BigInt,
        happened_at -> BigInt,
        event_id -> Text,
        quantity_micros -> BigInt,
        value -> Text,
    }
}

table! {
    usage_books (pole_id) {
        pole_id -> Text,
        closed_before -> BigInt,
        dropped_before -> Nullable<BigInt>,
    }
}

table! {
    usage_unmatched (pole_id, happened_at, event_id) {
        pole_id -> Text,
        happened_at -> BigInt,
        event_id -> Text,
        member -> Text,
        meter -> Text,
        service -> Text,
        quantity_micros -> BigInt,
        properties -> Text,
        amends_at -> Nullable<BigInt>,
        amends_id -> Nullable<Text>,
        reason -> Text,
        reporter -> Text,
        reach -> Text,
        received_at -> BigInt,
        state -> Text,
        note -> Text,
        settled_at -> Nullable<BigInt>,
    }
}

table! {
    usage_alerts (pole_id, alert_id) {
        pole_id -> Text,
        alert_id -> Text,
        subscription_id -> Text,
        meter_id -> Nullable<Text>,
        threshold -> BigInt,
        email -> Text,
        raised_at -> Nullable<BigInt>,
        version -> BigInt,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

table! {
    usage_notices (pole_id, alert_id, month, threshold) {
        pole_id -> Text,
        alert_id -> Text,
        month -> Text,
        threshold -> BigInt,
        reached -> BigInt,
        raised_at -> BigInt,
    }
}

table! {
    usage_folds (pole_id) {
        pole_id -> Text,
        folds -> BigInt,
    }
}

table! {
    tiers_told (pole_id, tariff_id, charge, period) {
        pole_id -> Text,
        tariff_id -> Text,
        charge -> Integer,
        period -> Text,
        tier -> Integer,
        told_at -> BigInt,
    }
}

table! {
    billing_settings (pole_id) {
        pole_id -> Text,
        document -> Text,
        version -> BigInt,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

table! {
    usage_late (pole_id, happened_at, event_id, voided) {
        pole_id -> Text,
        happened_at -> BigInt,
        event_id -> Text,
        voided -> Bool,
        series_id -> BigInt,
        quantity_micros -> BigInt,
        level -> Nullable<Text>,
        billed_with -> Nullable<Text>,
    }
}

table! {
    invoice_runs (pole_id, period) {
        pole_id -> Text,
        period -> Text,
        status -> Text,
        actor -> Text,
        frozen_at -> BigInt,
        drafted_at -> Nullable<BigInt>,
        facts -> Text,
    }
}

table! {
    billed_charges (pole_id, service_id, period, tariff_id, position, member_id, billed_with) {
        pole_id -> Text,
        service_id -> Text,
        period -> Text,
        tariff_id -> Text,
        position -> Integer,
        member_id -> Text,
        billed_with -> Text,
        quantity_micros -> BigInt,
        amount_minor -> BigInt,
        year_minor -> BigInt,
    }
}

table! {
    invoice_series (pole_id, series, year) {
        pole_id -> Text,
        series -> Text,
        year -> Integer,
        last_seq -> BigInt,
        last_day -> Text,
        seal -> Text,
    }
}

table! {
    invoices (pole_id, invoice_id) {
        pole_id -> Text,
        invoice_id -> Text,
        member_id -> Text,
        period -> Text,
        part -> Text,
        kind -> Text,
        status -> Text,
        currency -> Text,
        net_minor -> BigInt,
        vat_minor -> BigInt,
        gross_minor -> BigInt,
        document -> Text,
        remark -> Text,
        series -> Nullable<Text>,
        year -> Nullable<Integer>,
        seq -> Nullable<BigInt>,
        number -> Nullable<Text>,
        issued_on -> Nullable<Text>,
        due_on -> Nullable<Text>,
        seal -> Nullable<Text>,
        version -> BigInt,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

table! {
    journal_numbers (pole_id, journal, year) {
        pole_id -> Text,
        journal -> Text,
        year -> Integer,
        last_seq -> BigInt,
    }
}

table! {
    journal_entries (pole_id, journal, year, seq) {
        pole_id -> Text,
        journal -> Text,
        year -> Integer,
        seq -> BigInt,
        entry_on -> Text,
        piece -> Text,
        piece_on -> Text,
        label -> Text,
        invoice_id -> Nullable<Text>,
        total_minor -> BigInt,
        recorded_at -> BigInt,
    }
}

table! {
    journal_lines (pole_id, journal, year, seq, line) {
        pole_id -> Text,
        journal -> Text,
        year -> Integer,
        seq -> BigInt,
        line -> Integer,
        account -> Text,
        account_label -> Text,
        auxiliary -> Nullable<Text>,
        auxiliary_label -> Nullable<Text>,
        label -> Text,
        debit_minor -> BigInt,
        credit_minor -> BigInt,
        service_id -> Nullable<Text>,
    }
}

table! {
    payments (pole_id, payment_id) {
        pole_id -> Text,
        payment_id -> Text,
        member_id -> Text,
        kind -> Text,
        method -> Text,
        paid_on -> Text,
        currency -> Text,
        amount_minor -> BigInt,
        credit_minor -> BigInt,
        reference -> Text,
        note -> Text,
        statement_key -> Nullable<Text>,
        reverses -> Nullable<Text>,
        journal -> Text,
        year -> Integer,
        seq -> BigInt,
        recorded_at -> BigInt,
        treasury -> Nullable<Text>,
    }
}

table! {
    payment_allocations (pole_id, payment_id, invoice_id) {
        pole_id -> Text,
        payment_id -> Text,
        invoice_id -> Text,
        amount_minor -> BigInt,
    }
}

table! {
    closings (pole_id, period) {
        pole_id -> Text,
        period -> Text,
        last_day -> Text,
        actor -> Text,
        closed_at -> BigInt,
        accepted -> Text,
    }
}

table! {
    bank_statements (pole_id, statement_id) {
        pole_id -> Text,
        statement_id -> Text,
        account -> Text,
        reference -> Nullable<Text>,
        source -> Text,
        digest -> Text,
        currency -> Text,
        first_on -> Nullable<Text>,
        last_on -> Nullable<Text>,
        opening_minor -> Nullable<BigInt>,
        closing_minor -> Nullable<BigInt>,
        movements -> BigInt,
        imported_at -> BigInt,
    }
}

table! {
    bank_movements (pole_id, movement_id) {
        pole_id -> Text,
        movement_id -> Text,
        statement_id -> Text,
        statement_key -> Text,
        account -> Text,
        line -> BigInt,
        booked_on -> Text,
        value_on -> Text,
        currency -> Text,
        amount_minor -> BigInt,
        reversal -> Bool,
        return_reason -> Nullable<Text>,
        bank_reference -> Nullable<Text>,
        counterparty -> Nullable<Text>,
        on_behalf_of -> Nullable<Text>,
        counterparty_iban -> Nullable<Text>,
        remittance -> Text,
        structured_reference -> Nullable<Text>,
        end_to_end -> Nullable<Text>,
        resembles -> Nullable<Text>,
        status -> Text,
        payment_id -> Nullable<Text>,
        reason -> Text,
        bookings -> BigInt,
        version -> BigInt,
        imported_at -> BigInt,
        counterpart -> Nullable<Text>,
    }
}

table! {
    payment_means (pole_id, means_id) {
        pole_id -> Text,
        means_id -> Text,
        member_id -> Text,
        kind -> Text,
        status -> Text,
        is_default -> Bool,
        label -> Text,
        details -> Text,
        external_id -> Nullable<Text>,
        reason -> Text,
        version -> BigInt,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

table! {
    collections (pole_id, collection_id) {
        pole_id -> Text,
        collection_id -> Text,
        member_id -> Text,
        means_id -> Nullable<Text>,
        channel -> Text,
        status -> Text,
        currency -> Text,
        amount_minor -> BigInt,
        collect_on -> Text,
        announced_on -> Nullable<Text>,
        attempt -> Integer,
        external_id -> Nullable<Text>,
        file_id -> Nullable<Text>,
        failure_code -> Nullable<Text>,
        failure_reason -> Nullable<Text>,
        payment_id -> Nullable<Text>,
        version -> BigInt,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

table! {
    collection_settings (pole_id) {
        pole_id -> Text,
        document -> Text,
        automatic -> Bool,
        version -> BigInt,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

table! {
    collection_notices (pole_id, invoice_id) {
        pole_id -> Text,
        invoice_id -> Text,
        means_id -> Text,
        amount_minor -> BigInt,
        collect_on -> Text,
        told_on -> Text,
    }
}

table! {
    collection_setbacks (pole_id, collection_id, version) {
        pole_id -> Text,
        collection_id -> Text,
        version -> BigInt,
        status -> Text,
        run_at -> BigInt,
        attempts -> Integer,
        last_error -> Text,
        told_at -> Nullable<BigInt>,
    }
}

table! {
    debit_files (pole_id, file_id) {
        pole_id -> Text,
        file_id -> Text,
        message_id -> Text,
        format -> Text,
        collect_by -> Text,
        status -> Text,
        reason -> Text,
        payments -> Integer,
        amount_minor -> BigInt,
        sha256 -> Text,
        body -> Binary,
        version -> BigInt,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

table! {
    debit_batches (pole_id, batch_id) {
        pole_id -> Text,
        batch_id -> Text,
        file_id -> Text,
        collect_on -> Text,
        scheme -> Text,
        payments -> Integer,
        amount_minor -> BigInt,
        settled_on -> Nullable<Text>,
        settled_minor -> Nullable<BigInt>,
        movement_id -> Nullable<Text>,
        fees_minor -> BigInt,
        fees_journal -> Nullable<Text>,
        fees_year -> Nullable<Integer>,
        fees_seq -> Nullable<BigInt>,
    }
}

table! {
    debit_items (pole_id, collection_id) {
        pole_id -> Text,
        collection_id -> Text,
        batch_id -> Text,
        amount_minor -> BigInt,
    }
}

table! {
    collection_parts (pole_id, collection_id, invoice_id) {
        pole_id -> Text,
        collection_id -> Text,
        invoice_id -> Text,
        amount_minor -> BigInt,
        live -> Bool,
    }
}

table! {
    stripe_accounts (pole_id) {
        pole_id -> Text,
        keys -> Binary,
        document -> Text,
        looked_at -> Nullable<BigInt>,
        version -> BigInt,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

table! {
    stripe_customers (pole_id, member_id) {
        pole_id -> Text,
        member_id -> Text,
        customer_id -> Text,
        made_at -> BigInt,
    }
}

table! {
    stripe_events (pole_id, event_id) {
        pole_id -> Text,
        event_id -> Text,
        kind -> Text,
        object_id -> Text,
        happened_at -> BigInt,
        body -> Binary,
        listed -> Bool,
        received_at -> BigInt,
        handled_at -> Nullable<BigInt>,
        outcome -> Text,
    }
}

table! {
    stripe_refunds (pole_id, refund_id) {
        pole_id -> Text,
        refund_id -> Text,
        collection_id -> Text,
        amount_minor -> BigInt,
        status -> Text,
        payment_id -> Nullable<Text>,
        booked_at -> BigInt,
    }
}

table! {
    stripe_payouts (pole_id, payout_id) {
        pole_id -> Text,
        payout_id -> Text,
        status -> Text,
        currency -> Text,
        amount_minor -> BigInt,
        fees_minor -> BigInt,
        arrives_on -> Text,
        descriptor -> Text,
        journal -> Nullable<Text>,
        year -> Nullable<Integer>,
        seq -> Nullable<BigInt>,
        back_journal -> Nullable<Text>,
        back_year -> Nullable<Integer>,
        back_seq -> Nullable<BigInt>,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

table! {
    stripe_balance (pole_id, transaction_id) {
        pole_id -> Text,
        transaction_id -> Text,
        payout_id -> Text,
        kind -> Text,
        source_id -> Nullable<Text>,
        currency -> Text,
        amount_minor -> BigInt,
        fee_minor -> BigInt,
        net_minor -> BigInt,
        happened_at -> BigInt,
        known -> Bool,
    }
}

table! {
    credited_lines (pole_id, invoice_id, line, credit_id) {
        pole_id -> Text,
        invoice_id -> Text,
        line -> Integer,
        credit_id -> Text,
        amount_minor -> BigInt,
    }
}

table! {
    archived_files (pole_id, invoice_id, form) {
        pole_id -> Text,
        invoice_id -> Text,
        form -> Text,
        sha256 -> Text,
        size_bytes -> BigInt,
        archived_at -> BigInt,
    }
}

table! {
    archive_queue (pole_id, invoice_id) {
        pole_id -> Text,
        invoice_id -> Text,
        run_at -> BigInt,
        attempts -> Integer,
        last_error -> Text,
    }
}

table! {
    einvoice_messages (pole_id, message_id) {
        pole_id -> Text,
        message_id -> Text,
        direction -> Text,
        known_as -> Text,
        sha256 -> Text,
        body -> Binary,
        recorded_at -> BigInt,
    }
}

table! {
    invoice_statuses (pole_id, invoice_id, seq) {
        pole_id -> Text,
        invoice_id -> Text,
        seq -> Integer,
        status -> Text,
        given_by -> Text,
        happened_at -> BigInt,
        reasons -> Text,
        note -> Text,
        collected -> Nullable<Text>,
        payment_id -> Nullable<Text>,
        message_id -> Nullable<Text>,
        recorded_at -> BigInt,
    }
}

table! {
    einvoice_outbox (pole_id, invoice_id, seq) {
        pole_id -> Text,
        invoice_id -> Text,
        seq -> Integer,
        run_at -> BigInt,
        attempts -> Integer,
        last_error -> Text,
    }
}

table! {
    mails (pole_id, mail_id) {
        pole_id -> Text,
        mail_id -> Text,
        member_id -> Text,
        kind -> Text,
        about -> Text,
        recipient -> Text,
        subject -> Text,
        state -> Text,
        attempts -> Integer,
        last_error -> Text,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

table! {
    credit_grants (pole_id, grant_id) {
        pole_id -> Text,
        grant_id -> Text,
        member_id -> Text,
        service_id -> Nullable<Text>,
        currency -> Text,
        amount_minor -> BigInt,
        reason -> Text,
        valid_from -> Text,
        valid_until -> Nullable<Text>,
        granted_at -> BigInt,
        revoked_at -> Nullable<BigInt>,
        revoked_for -> Nullable<Text>,
        version -> BigInt,
    }
}

table! {
    credit_draws (pole_id, invoice_id, line) {
        pole_id -> Text,
        invoice_id -> Text,
        line -> Integer,
        grant_id -> Text,
        amount_minor -> BigInt,
        left_minor -> BigInt,
    }
}

table! {
    dunning_settings (pole_id) {
        pole_id -> Text,
        document -> Text,
        automatic -> Bool,
        version -> BigInt,
        created_at -> BigInt,
        updated_at -> BigInt,
        suspends_after -> Nullable<Integer>,
    }
}

table! {
    dunning_letters (pole_id, letter_id) {
        pole_id -> Text,
        letter_id -> Text,
        member_id -> Text,
        level -> Text,
        currency -> Text,
        sent_on -> Text,
        email -> Text,
        actor -> Text,
        sent_at -> BigInt,
        suspends_on -> Nullable<Text>,
    }
}

table! {
    dunning_notices (pole_id, invoice_id, level) {
        pole_id -> Text,
        invoice_id -> Text,
        level -> Text,
        letter_id -> Text,
        open_minor -> BigInt,
        interest_minor -> Nullable<BigInt>,
        indemnity_minor -> Nullable<BigInt>,
    }
}

table! {
    penalties (pole_id, invoice_id, last_day) {
        pole_id -> Text,
        invoice_id -> Text,
        last_day -> Text,
        penalty_id -> Text,
        interest_minor -> BigInt,
        indemnity_minor -> BigInt,
        charged_at -> BigInt,
    }
}

table! {
    dunning_pauses (pole_id, invoice_id) {
        pole_id -> Text,
        invoice_id -> Text,
        reason -> Text,
        last_day -> Nullable<Text>,
        actor -> Text,
        paused_at -> BigInt,
    }
}

table! {
    suspensions (pole_id, suspension_id) {
        pole_id -> Text,
        suspension_id -> Text,
        member_id -> Text,
        seq -> BigInt,
        actor -> Text,
        reason -> Text,
        began_on -> Text,
        began_at -> BigInt,
        lifted -> Nullable<Text>,
        lifted_by -> Nullable<Text>,
        lift_reason -> Nullable<Text>,
        lifted_on -> Nullable<Text>,
        lifted_at -> Nullable<BigInt>,
    }
}

table! {
    suspension_causes (pole_id, suspension_id, invoice_id) {
        pole_id -> Text,
        suspension_id -> Text,
        invoice_id -> Text,
        letter_id -> Text,
        open_minor -> BigInt,
    }
}

table! {
    suspension_services (pole_id, suspension_id, service_id) {
        pole_id -> Text,
        suspension_id -> Text,
        service_id -> Text,
    }
}

table! {
    webhook_endpoints (pole_id, provider_id) {
        pole_id -> Text,
        provider_id -> Text,
        url -> Text,
        secrets -> Binary,
        version -> BigInt,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

table! {
    webhook_deliveries (pole_id, delivery_id) {
        pole_id -> Text,
        delivery_id -> Text,
        provider_id -> Text,
        kind -> Text,
        suspension_id -> Text,
        body -> Text,
        state -> Text,
        job_id -> Text,
        attempts -> Integer,
        status -> Nullable<Integer>,
        error -> Nullable<Text>,
        attempted_at -> Nullable<BigInt>,
        queued_at -> BigInt,
        created_at -> BigInt,
    }
}

table! {
    provider_bills (pole_id, bill_id) {
        pole_id -> Text,
        bill_id -> Text,
        provider_id -> Text,
        number -> Text,
        issued_on -> Text,
        due_on -> Text,
        currency -> Text,
        lines -> Text,
        net_minor -> BigInt,
        total_minor -> BigInt,
        vat_due -> Text,
        reference -> Nullable<Text>,
        status -> Text,
        reason -> Text,
        journal -> Text,
        year -> Integer,
        seq -> BigInt,
        back_journal -> Nullable<Text>,
        back_year -> Nullable<Integer>,
        back_seq -> Nullable<BigInt>,
        version -> BigInt,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

table! {
    account_parts (pole_id, part, account) {
        pole_id -> Text,
        part -> Text,
        account -> Text,
    }
}

table! {
    provider_accounts (pole_id, account_id) {
        pole_id -> Text,
        account_id -> Text,
        provider_id -> Text,
        holder -> Text,
        channel -> Text,
        number -> Text,
        bic -> Nullable<Text>,
        address -> Nullable<Text>,
        status -> Text,
        given_by -> Text,
        confirmed_by -> Nullable<Text>,
        version -> BigInt,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

table! {
    transfer_files (pole_id, file_id) {
        pole_id -> Text,
        file_id -> Text,
        message_id -> Text,
        format -> Text,
        execute_by -> Text,
        status -> Text,
        reason -> Text,
        payments -> Integer,
        amount_minor -> BigInt,
        sha256 -> Text,
        body -> Binary,
        version -> BigInt,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

table! {
    transfers (pole_id, transfer_id) {
        pole_id -> Text,
        transfer_id -> Text,
        kind -> Text,
        provider_id -> Nullable<Text>,
        bill_id -> Nullable<Text>,
        member_id -> Nullable<Text>,
        status -> Text,
        currency -> Text,
        amount_minor -> BigInt,
        execute_on -> Text,
        channel -> Nullable<Text>,
        reference -> Text,
        holder -> Nullable<Text>,
        number -> Nullable<Text>,
        bic -> Nullable<Text>,
        address -> Nullable<Text>,
        external_id -> Nullable<Text>,
        file_id -> Nullable<Text>,
        batch_id -> Nullable<Text>,
        failure_code -> Nullable<Text>,
        failure_reason -> Nullable<Text>,
        executed_on -> Nullable<Text>,
        movement_id -> Nullable<Text>,
        payment_id -> Nullable<Text>,
        journal -> Nullable<Text>,
        year -> Nullable<Integer>,
        seq -> Nullable<BigInt>,
        back_year -> Nullable<Integer>,
        back_seq -> Nullable<BigInt>,
        version -> BigInt,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

allow_tables_to_appear_in_same_query!(
    poles,
    audit_heads,
    audit_log,
    idempotency_keys,
    signing_keys,
    members,
    jobs,
    providers,
    catalogue_versions,
    services,
    subscriptions,
    tariffs,
    meters,
    users,
    user_grants,
    sessions,
    refresh_tokens,
    sign_in_links,
    sign_in_attempts,
    api_keys,
    identity_providers,
    usage_series,
    usage_events,
    usage_voids,
    usage_days,
    usage_deltas,
    usage_levels,
    usage_books,
    usage_unmatched,
    usage_alerts,
    usage_notices,
    usage_folds,
    tiers_told,
    account_parts,
    billing_settings,
    usage_late,
    invoice_runs,
    billed_charges,
    invoice_series,
    invoices,
    credited_lines,
    credit_grants,
    credit_draws,
    journal_numbers,
    journal_entries,
    journal_lines,
    payments,
    payment_allocations,
    closings,
    bank_statements,
    bank_movements,
    payment_means,
    collections,
    collection_parts,
    collection_settings,
    collection_notices,
    collection_setbacks,
    debit_files,
    debit_batches,
    debit_items,
    stripe_accounts,
    stripe_customers,
    stripe_events,
    stripe_refunds,
    stripe_payouts,
    stripe_balance,
    dunning_settings,
    dunning_letters,
    dunning_notices,
    dunning_pauses,
    suspensions,
    suspension_causes,
    suspension_services,
    webhook_endpoints,
    webhook_deliveries,
    mails,
    archived_files,
    archive_queue,
    einvoice_messages,
    invoice_statuses,
    einvoice_outbox,
    penalties,
    provider_bills,
    provider_accounts,
    transfer_files,
    transfers,
);
