curl -X POST https://SEU_HOST/api/v2/numbers \
  -H "token: <TOKEN>" \
  -H "Content-Type: application/json" \
  -d '{
    "numbers_admins": ["5511999999999"],
    "numbers_workers": ["5511888888888", "5511777777777"]
  }'
