curl -X POST https://SEU_HOST/api/v2/numbers/add \
  -H "token: <TOKEN>" \
  -H "Content-Type: application/json" \
  -d '{
    "number": "5511999999999",
    "role": "worker"
  }'
