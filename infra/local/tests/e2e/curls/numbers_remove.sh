curl -X DELETE https://SEU_HOST/api/v2/numbers \
  -H "token: <TOKEN>" \
  -H "Content-Type: application/json" \
  -d '{
    "number": "5511999999999",
    "role": "worker"
  }'
