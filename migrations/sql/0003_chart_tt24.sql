-- The default regime: Circular 24/2024/TT-BTC, effective from fiscal year 2025.
-- First digits are the circular's, last digits ours. Books of earlier years use a
-- profile with the same accounts that calls itself a sample.

SET LOCAL ROLE soquy_owner;
SET LOCAL search_path = soquy, pg_temp;

INSERT INTO tenant (tenant_id, name) VALUES (0, 'Máy chủ này');

INSERT INTO currency (currency, minor_digits) VALUES
('VND', 0), ('USD', 2), ('EUR', 2), ('JPY', 0), ('KRW', 0), ('CNY', 2), ('TWD', 2), ('GBP', 2),
('AUD', 2), ('CAD', 2), ('CHF', 2), ('SGD', 2), ('THB', 2), ('LAK', 2), ('CZK', 2), ('RUB', 2);

INSERT INTO chart (chart, name_vi, name_en, source, valid_from, valid_to, is_sample) VALUES
('TT24', 'Thông tư 24/2024', 'Circular 24/2024', 'Thông tư 24/2024/TT-BTC', '2025-01-01', NULL, false),
('TT24-MAU', 'Thông tư 24/2024 (mẫu cho các năm trước 2025)', 'Circular 24/2024 (sample for years before 2025)',
    'Thông tư 24/2024/TT-BTC', '1996-10-02', NULL, true);

WITH account (account, parent, name_vi, name_en, side, role, currency) AS (
    VALUES
    ('111', NULL, 'Tiền mặt', 'Cash', 'D', 'other', 'VND'),
    ('1111', '111', 'Tiền mặt Việt Nam', 'Cash in VND', 'D', 'cash', 'VND'),
    ('1112', '111', 'Tiền mặt ngoại tệ', 'Cash in foreign currency', 'D', 'other', 'VND'),
    ('1112USD', '1112', 'Tiền mặt đô la Mỹ', 'Cash in US dollars', 'D', 'cash', 'USD'),
    ('112', NULL, 'Tiền gửi ngân hàng, kho bạc', 'Deposits at banks and the treasury', 'D', 'other', 'VND'),
    ('1121', '112', 'Tiền gửi Việt Nam', 'Deposits in VND', 'D', 'other', 'VND'),
    ('1121A', '1121', 'Tiền gửi Việt Nam, tài khoản chính', 'Deposits in VND, main account', 'D', 'bank', 'VND'),
    ('1122', '112', 'Tiền gửi ngoại tệ', 'Deposits in foreign currency', 'D', 'other', 'VND'),
    ('1122USD', '1122', 'Tiền gửi đô la Mỹ', 'Deposits in US dollars', 'D', 'bank', 'USD'),
    ('113', NULL, 'Tiền đang chuyển', 'Money in transit', 'D', 'other', 'VND'),
    ('121', NULL, 'Đầu tư tài chính', 'Financial investments', 'D', 'other', 'VND'),
    ('1211', '121', 'Đầu tư nắm giữ đến ngày đáo hạn', 'Term deposits', 'D', 'other', 'VND'),
    ('136', NULL, 'Phải thu nội bộ', 'Due from dependent units', 'D', 'other', 'VND'),
    ('138', NULL, 'Phải thu khác', 'Other receivables', 'D', 'other', 'VND'),
    ('1381', '138', 'Tài sản thiếu chờ xử lý', 'Shortages awaiting a decision', 'D', 'other', 'VND'),
    ('1388', '138', 'Phải thu khác', 'Other receivables', 'D', 'other', 'VND'),
    ('141', NULL, 'Tạm ứng', 'Advances', 'D', 'other', 'VND'),
    ('1411', '141', 'Tạm ứng cho người của hội', 'Advances to staff', 'D', 'other', 'VND'),
    ('1412', '141', 'Tạm ứng cho đơn vị chi', 'Advances to spending units', 'D', 'other', 'VND'),
    ('152', NULL, 'Nguyên liệu, vật liệu', 'Materials received in kind', 'D', 'other', 'VND'),
    ('153', NULL, 'Công cụ, dụng cụ', 'Tools received in kind', 'D', 'other', 'VND'),
    ('211', NULL, 'Tài sản cố định của đơn vị', 'Fixed assets', 'D', 'other', 'VND'),
    ('2111', '211', 'Tài sản cố định hữu hình', 'Tangible fixed assets', 'D', 'other', 'VND'),
    ('214', NULL, 'Khấu hao và hao mòn lũy kế tài sản cố định', 'Accumulated depreciation', 'C', 'other', 'VND'),
    ('2141', '214', 'Hao mòn tài sản cố định hữu hình', 'Depreciation of tangible assets', 'C', 'other', 'VND'),
    ('331', NULL, 'Phải trả cho người bán', 'Suppliers', 'C', 'other', 'VND'),
    ('336', NULL, 'Phải trả nội bộ', 'Due to dependent units', 'C', 'other', 'VND'),
    ('338', NULL, 'Phải trả khác', 'Other payables', 'C', 'other', 'VND'),
    ('3381', '338', 'Tài sản thừa chờ xử lý', 'Surpluses awaiting a decision', 'C', 'other', 'VND'),
    ('3388', '338', 'Phải trả khác: khoản thu chưa rõ nguồn', 'Other payables: unidentified receipts', 'C', 'other', 'VND'),
    ('353', NULL, 'Các quỹ phải trả', 'Funds payable', 'C', 'other', 'VND'),
    ('3538', '353', 'Các quỹ phải trả khác', 'Other funds payable', 'C', 'other', 'VND'),
    ('35381', '3538', 'Quỹ khuyến học chung', 'Unrestricted learning-promotion funds', 'C', 'fund', 'VND'),
    ('35382', '3538', 'Quỹ tài trợ có địa chỉ', 'Earmarked funds', 'C', 'fund', 'VND'),
    ('35383', '3538', 'Quỹ Tết', 'Tet funds', 'C', 'fund', 'VND'),
    ('35384', '3538', 'Quỹ thiết bị trường học', 'School equipment funds', 'C', 'fund', 'VND'),
    ('35385', '3538', 'Quỹ bằng hiện vật', 'Funds in kind', 'C', 'fund', 'VND'),
    ('35389', '3538', 'Quỹ chi phí quản lý', 'Management quota', 'C', 'fund', 'VND'),
    ('421', NULL, 'Thặng dư (thâm hụt) lũy kế', 'Accumulated result', 'C', 'other', 'VND'),
    ('511', NULL, 'Thu hoạt động do ngân sách nhà nước cấp', 'Income from the state budget', 'C', 'other', 'VND'),
    ('515', NULL, 'Doanh thu tài chính', 'Financial income', 'C', 'other', 'VND'),
    ('518', NULL, 'Doanh thu hội phí', 'Membership fees', 'C', 'other', 'VND'),
    ('611', NULL, 'Chi phí hoạt động', 'Running cost', 'D', 'other', 'VND'),
    ('615', NULL, 'Chi phí tài chính', 'Financial cost', 'D', 'other', 'VND'),
    ('711', NULL, 'Thu nhập khác', 'Other income', 'C', 'other', 'VND'),
    ('811', NULL, 'Chi phí khác', 'Other cost', 'D', 'other', 'VND'),
    ('911', NULL, 'Xác định kết quả', 'Determination of the result', 'D', 'other', 'VND')
)

INSERT INTO chart_account (chart, account, parent, name_vi, name_en, side, role, currency)
SELECT chart.chart, account.account, account.parent, account.name_vi, account.name_en,
    account.side, account.role, account.currency
FROM chart CROSS JOIN account;

INSERT INTO voucher_kind (chart, voucher_kind, name_vi, name_en, moves)
SELECT chart.chart, kind.voucher_kind, kind.name_vi, kind.name_en, kind.moves
FROM chart CROSS JOIN (
    VALUES
    ('PT', 'Phiếu thu', 'Cash receipt', 'cash in'),
    ('PC', 'Phiếu chi', 'Cash payment', 'cash out'),
    ('BC', 'Báo Có', 'Bank credit advice', 'bank in'),
    ('BN', 'Báo Nợ', 'Bank debit advice', 'bank out'),
    ('KT', 'Phiếu kế toán', 'General voucher', 'any'),
    ('DC', 'Chứng từ điều chỉnh', 'Adjustment voucher', 'any'),
    ('CK', 'Điều chuyển kinh phí', 'Transfer between levels', 'any')
) AS kind (voucher_kind, name_vi, name_en, moves);

INSERT INTO fund_kind (chart, fund_kind, account, is_restricted, name_vi, name_en)
SELECT chart.chart, kind.fund_kind, kind.account, kind.is_restricted, kind.name_vi, kind.name_en
FROM chart CROSS JOIN (
    VALUES
    ('general', '35381', false, 'Quỹ khuyến học chung', 'General fund'),
    ('earmarked', '35382', true, 'Quỹ tài trợ có địa chỉ', 'Earmarked fund'),
    ('tet', '35383', true, 'Quỹ Tết', 'Tet fund'),
    ('equipment', '35384', true, 'Quỹ thiết bị trường học', 'School equipment fund'),
    ('in-kind', '35385', true, 'Quỹ bằng hiện vật', 'Fund in kind'),
    ('management', '35389', true, 'Quỹ chi phí quản lý', 'Management quota')
) AS kind (fund_kind, account, is_restricted, name_vi, name_en);

INSERT INTO channel (channel, name_vi, name_en) VALUES
('salary-day', 'Ủng hộ một ngày lương', 'One day''s salary'),
('household', 'Hộ gia đình', 'Households'),
('business', 'Doanh nghiệp', 'Businesses'),
('organisation', 'Cơ quan, tổ chức', 'Organisations'),
('donor-home', 'Nhà hảo tâm trong nước', 'Philanthropists at home'),
('donor-abroad', 'Nhà hảo tâm ở nước ngoài', 'Philanthropists abroad'),
('membership', 'Hội phí', 'Membership fees'),
('interest', 'Lãi tiền gửi', 'Bank interest'),
('goods', 'Hiện vật', 'Goods in kind');
RESET ROLE;
