DROP TRIGGER final_invoices_are_not_pushed_out;
CREATE TRIGGER final_invoices_are_not_pushed_out BEFORE UPDATE ON invoices
WHEN EXISTS (
    SELECT 1 FROM invoices
    WHERE pole_id = new.pole_id AND status = 'final'
        AND NOT (pole_id = old.pole_id AND invoice_id = old.invoice_id)
        AND (
            invoice_id = new.invoice_id OR number = new.number
            OR (period = new.period AND member_id = new.member_id AND part = new.part)
            OR (series = new.series AND year = new.year AND seq = new.seq)
        )
)
BEGIN
    SELECT RAISE(ABORT, 'a final document never changes');
END;
DROP TRIGGER final_invoices_are_not_replaced;
CREATE TRIGGER final_invoices_are_not_replaced BEFORE INSERT ON invoices
WHEN EXISTS (
    SELECT 1 FROM invoices
    WHERE pole_id = new.pole_id AND status = 'final'
        AND (
            invoice_id = new.invoice_id OR number = new.number
            OR (period = new.period AND member_id = new.member_id AND part = new.part)
            OR (series = new.series AND year = new.year AND seq = new.seq)
        )
)
BEGIN
    SELECT RAISE(ABORT, 'a final document never changes');
END;
DROP TRIGGER payments_are_not_replaced;
CREATE TRIGGER payments_are_not_replaced BEFORE INSERT ON payments
WHEN EXISTS (
    SELECT 1 FROM payments
    WHERE pole_id = new.pole_id
        AND (
            payment_id = new.payment_id OR statement_key = new.statement_key
            OR reverses = new.reverses
            OR (journal = new.journal AND year = new.year AND seq = new.seq)
        )
)
BEGIN
    SELECT RAISE(ABORT, 'payments is append-only');
END;
DROP TRIGGER bank_movements_are_not_replaced;
CREATE TRIGGER bank_movements_are_not_replaced BEFORE INSERT ON bank_movements
WHEN EXISTS (
    SELECT 1 FROM bank_movements
    WHERE pole_id = new.pole_id
        AND (
            movement_id = new.movement_id OR statement_key = new.statement_key
            OR payment_id = new.payment_id
        )
)
BEGIN
    SELECT RAISE(ABORT, 'bank_movements is append-only');
END;
