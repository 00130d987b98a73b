curl -X POST https://SEU_HOST/api/v1/send/text \
  -H "Content-Type: application/json" \
  -H "api-token: <TOKEN>" \
  -d '{
    "from_number": "5511999999999",
    "to_number": "5511888888888",
    "message": "Olá!"
  }'
