curl -X POST https://SEU_HOST/api/v2/auth/otp/request \
  -H "Content-Type: application/json" \
  -d '{
    "otp_type": "login",
    "otp_for": "number",
    "number": "5511999999999"
  }'
