curl -X POST https://SEU_HOST/api/v2/sends \
  -H "Authorization: Bearer <JWT>" \
  -H "Content-Type: application/json" \
  -d '{
    "from_number": "5511999999999",
    "to_number": "5511888888888",
    "media_type": "image",
    "media_url": "https://exemplo.com/imagem.jpg",
    "caption": "Legenda opcional"
  }'
