curl -X GET "https://SEU_HOST/api/v2/numbers/status?number=5511999999999" \
  -H "token: <TOKEN>"
