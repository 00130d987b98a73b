curl -X POST https://SEU_HOST/api/v2/users/register \
  -H "api-token: <TOKEN>" \
  -H "Content-Type: application/json" \
  -d '{
    "login": "usuario",
    "number": "5511999999999",
    "password": "senha123",
    "plan": "premium"
  }'
