-- SQLite looks into one index for one EXISTS: with several keys in one it reads all rows of the pole, for
-- every row that is written.
DROP TRIGGER final_invoices_are_not_pushed_out;
CREATE TRIGGER final_invoices_are_not_pushed_out BEFORE UPDATE ON invoices
WHEN EXISTS (
    SELECT 1 FROM invoices
    WHERE pole_id = new.pole_id AND invoice_id = new.invoice_id
        AND status = 'final'
        AND NOT (pole_id = old.pole_id AND invoice_id = old.invoice_id)
) OR EXISTS (
    SELECT 1 FROM invoices
    WHERE pole_id = new.pole_id AND number = new.number
        AND status = 'final'
        AND NOT (pole_id = old.pole_id AND invoice_id = old.invoice_id)
) OR EXISTS (
    SELECT 1 FROM invoices
    WHERE pole_id = new.pole_id AND period = new.period AND member_id = new.member_id AND part = new.part
        AND status = 'final'
        AND NOT (pole_id = old.pole_id AND invoice_id = old.invoice_id)
) OR EXISTS (
    SELECT 1 FROM invoices
    WHERE pole_id = new.pole_id AND series = new.series AND year = new.year AND seq = new.seq
        AND status = 'final'
        AND NOT (pole_id = old.pole_id AND invoice_id = old.invoice_id)
)
BEGIN
    SELECT RAISE(ABORT, 'a final document never changes');
END;
DROP TRIGGER final_invoices_are_not_replaced;
CREATE TRIGGER final_invoices_are_not_replaced BEFORE INSERT ON invoices
WHEN EXISTS (
    SELECT 1 FROM invoices
    WHERE pole_id = new.pole_id AND invoice_id = new.invoice_id AND status = 'final'
) OR EXISTS (
    SELECT 1 FROM invoices
    WHERE pole_id = new.pole_id AND number = new.number AND status = 'final'
) OR EXISTS (
    SELECT 1 FROM invoices
    WHERE pole_id = new.pole_id AND period = new.period AND member_id = new.member_id AND part = new.part
        AND status = 'final'
) OR EXISTS (
    SELECT 1 FROM invoices
    WHERE pole_id = new.pole_id AND series = new.series AND year = new.year AND seq = new.seq
        AND status = 'final'
)
BEGIN
    SELECT RAISE(ABORT, 'a final document never changes');
END;
DROP TRIGGER payments_are_not_replaced;
CREATE TRIGGER payments_are_not_replaced BEFORE INSERT ON payments
WHEN EXISTS (
    SELECT 1 FROM payments
    WHERE pole_id = new.pole_id AND payment_id = new.payment_id
) OR EXISTS (
    SELECT 1 FROM payments
    WHERE pole_id = new.pole_id AND statement_key = new.statement_key
) OR EXISTS (
    SELECT 1 FROM payments
    WHERE pole_id = new.pole_id AND reverses = new.reverses
) OR EXISTS (
    SELECT 1 FROM payments
    WHERE pole_id = new.pole_id AND journal = new.journal AND year = new.year AND seq = new.seq
)
BEGIN
    SELECT RAISE(ABORT, 'payments is append-only');
END;
DROP TRIGGER bank_movements_are_not_replaced;
CREATE TRIGGER bank_movements_are_not_replaced BEFORE INSERT ON bank_movements
WHEN EXISTS (
    SELECT 1 FROM bank_movements
    WHERE pole_id = new.pole_id AND movement_id = new.movement_id
) OR EXISTS (
    SELECT 1 FROM bank_movements
    WHERE pole_id = new.pole_id AND statement_key = new.statement_key
) OR EXISTS (
    SELECT 1 FROM bank_movements
    WHERE pole_id = new.pole_id AND payment_id = new.payment_id
)
BEGIN
    SELECT RAISE(ABORT, 'bank_movements is append-only');
END;
