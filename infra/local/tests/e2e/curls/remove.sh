curl -X POST https://SEU_HOST/api/v2/users/remove \
  -H "token: <TOKEN>" \
  -H "Content-Type: application/json" \
  -d '{
    "login": "usuario",
    "password": "senha123"
  }'
