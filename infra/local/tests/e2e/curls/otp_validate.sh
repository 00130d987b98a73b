curl -X POST https://SEU_HOST/api/v2/auth/otp/validate \
  -H "Content-Type: application/json" \
  -d '{
    "otp_type": "login",
    "otp_for": "email",
    "email": "usuario@exemplo.com",
    "email_otp_code": "123456"
  }'
